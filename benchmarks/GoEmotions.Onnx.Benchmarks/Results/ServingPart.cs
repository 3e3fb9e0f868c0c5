namespace GoEmotions.Onnx.Benchmarks.Results;

/// <summary>What one part of the measurement found, and what the figures depend on.</summary>
internal sealed record ServingPart
{
    /// <summary>The day, yyyy-MM-dd.</summary>
    public required string Date { get; init; }

    /// <summary>Processor and system.</summary>
    public required string Machine { get; init; }

    /// <summary>The libraries with their versions.</summary>
    public required string Runtime { get; init; }

    /// <summary>The threads of each side.</summary>
    public required int Threads { get; init; }

    /// <summary>The load average before the run.</summary>
    public required string LoadAverage { get; init; }

    /// <summary>Which texts.</summary>
    public required string Texts { get; init; }

    /// <summary>What could not be measured, or what else has to be said, by side.</summary>
    public SortedDictionary<string, string> Notes { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The figures by name: model/side/quantity.</summary>
    public SortedDictionary<string, double> Figures { get; init; } = new(StringComparer.Ordinal);
}
