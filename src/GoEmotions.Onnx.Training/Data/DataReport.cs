using System.Text.Json;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>
/// What was read, kept and dropped on the way from files to a data set; written as <c>data-report.json</c>.
/// <c>Read = Kept + Merged + the counts of Dropped</c>.
/// </summary>
public sealed record DataReport
{
    /// <summary>The number of rows read, blank lines aside.</summary>
    public required int Read { get; init; }

    /// <summary>The number of examples left by the cleaning, before any sample is drawn.</summary>
    public required int Kept { get; init; }

    /// <summary>The rows that went into an earlier row of the same comment.</summary>
    public required int Merged { get; init; }

    /// <summary>The rows dropped, by reason (<see cref="DropReasons"/>); a reason without a row is left out.</summary>
    public required IReadOnlyDictionary<string, DroppedRows> Dropped { get; init; }

    /// <summary>How many of the kept examples a rater marked as too unclear to label.</summary>
    public required int Unclear { get; init; }

    /// <summary>How many of the kept examples have no label.</summary>
    public required int Unlabeled { get; init; }

    /// <summary>How many of the kept examples repeat the text of an earlier one.</summary>
    public required int DuplicateTexts { get; init; }

    /// <summary>The label groups that the labels were mapped to: <c>original</c>, <c>ekman</c>, <c>sentiment</c> or a file.</summary>
    public string Taxonomy { get; init; } = "original";

    /// <summary>Positive rows of each label of the files, before cleaning (incomplete rows have no labels).</summary>
    public required IReadOnlyDictionary<string, int> LabelsBefore { get; init; }

    /// <summary>Positive examples of each label kept, after cleaning and mapping.</summary>
    public required IReadOnlyDictionary<string, int> LabelsAfter { get; init; }

    /// <summary>How the examples were divided, or <see langword="null"/> when they were not.</summary>
    public SplitReport? Split { get; init; }

    /// <summary>The files, in the order read.</summary>
    public required IReadOnlyList<SourceReport> Sources { get; init; }

    /// <summary>What the user should know, a sentence each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Writes the report as indented JSON with <c>snake_case</c> names.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        File.WriteAllText(path, JsonSerializer.Serialize(this, DataReportContext.Readable.DataReport) + "\n");
    }

    /// <summary>Reads a report that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is no such report.</exception>
    public static DataReport Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), DataReportContext.Readable.DataReport)
                ?? Throw.InvalidData<DataReport>($"{path}: found null, expected a data report. Write it anew with 'goemotions data'.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}:{(error.LineNumber ?? 0) + 1}: the file is no data report: {error.Message} Write it anew with 'goemotions data'.", error);
        }
    }
}
