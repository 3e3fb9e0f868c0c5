namespace GoEmotions.Onnx.Training.Data;

/// <summary>All choices on the way from files to a divided data set: those of <c>goemotions data</c>.</summary>
public sealed record DatasetPreparationOptions
{
    /// <summary>The files, all with the same labels, or one data set folder; none for the <see cref="SampleCorpus"/>.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>Files with the development set; none to take it from <see cref="Inputs"/> by <see cref="Split"/>.</summary>
    public IReadOnlyList<string> DevInputs { get; init; } = [];

    /// <summary>Files with the test set; none to take it from <see cref="Inputs"/> if <see cref="SplitOptions.TestFraction"/> asks for one.</summary>
    public IReadOnlyList<string> TestInputs { get; init; } = [];

    /// <summary>The folder to write (<see cref="DatasetFolder"/>), or <see langword="null"/> to write nothing.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Whether a data set folder at <see cref="OutputFolder"/> is replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>How to divide <see cref="Inputs"/>, and the seed of the sample and the split.</summary>
    public SplitOptions Split { get; init; } = new();

    /// <summary>The number of examples to draw from <see cref="Inputs"/> after cleaning, or <see langword="null"/> for all.</summary>
    public int? Sample { get; init; }

    /// <summary>What to drop and merge.</summary>
    public CleaningOptions Cleaning { get; init; } = new();

    /// <summary>How to understand the files.</summary>
    public DatasetReaderOptions Reading { get; init; } = new();

    /// <summary>The labels to learn: <c>original</c>, <c>ekman</c>, <c>sentiment</c> (see <see cref="EmotionTaxonomy"/>) or a JSON file.</summary>
    public string Taxonomy { get; init; } = EmotionTaxonomy.OriginalName;
}
