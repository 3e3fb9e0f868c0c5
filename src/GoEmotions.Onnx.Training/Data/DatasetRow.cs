using System.Diagnostics.CodeAnalysis;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>What a <see cref="DatasetReader"/> found in one row: an example, or a cell that is missing.</summary>
public readonly record struct DatasetRow
{
    internal DatasetRow(EmotionExample example)
    {
        Example = example;
        LineNumber = example.LineNumber;
    }

    internal DatasetRow(int lineNumber, string missingColumn)
    {
        LineNumber = lineNumber;
        MissingColumn = missingColumn;
    }

    /// <summary>The line where the row starts, from 1.</summary>
    public int LineNumber { get; }

    /// <summary>The example, or <see langword="null"/> when a cell is missing.</summary>
    public EmotionExample? Example { get; }

    /// <summary>The first column whose cell is missing, or <see langword="null"/> when none is.</summary>
    public string? MissingColumn { get; }

    /// <summary>Whether the row is complete.</summary>
    [MemberNotNullWhen(true, nameof(Example))]
    [MemberNotNullWhen(false, nameof(MissingColumn))]
    public bool IsComplete => Example is not null;
}
