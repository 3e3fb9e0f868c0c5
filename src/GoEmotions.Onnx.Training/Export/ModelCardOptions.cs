namespace GoEmotions.Onnx.Training.Export;

/// <summary>What a model card tells besides the model itself. Immutable.</summary>
public sealed record ModelCardOptions
{
    /// <summary>The model's name, or <see langword="null"/> to make one of its architecture and size.</summary>
    public string? Name { get; init; }

    /// <summary>The licence by its SPDX identifier, such as <c>mit</c>, or <see langword="null"/> where none is stated.</summary>
    public string? License { get; init; }

    /// <summary>The language of the texts, an ISO 639 code.</summary>
    public string Language { get; init; } = "en";

    /// <summary>The record of the training, or <see langword="null"/> where there is none.</summary>
    public RunRecord? Run { get; init; }

    /// <summary>The labelled texts that the written graphs are measured on, with bootstrap intervals.</summary>
    public IReadOnlyList<EvaluationSplit> Evaluations { get; init; } = [];

    /// <summary>What the texts are that int8 is judged by, in a few words, or <see langword="null"/> where nothing is known of them.</summary>
    public string? GateTexts { get; init; }

    /// <summary>Whether latency and throughput are measured on this machine. They differ from run to run, and with them the bytes of the card.</summary>
    public bool MeasuresLatency { get; init; }

    /// <summary>Markdown that is put into the card as it is, such as how the base was made, or <see langword="null"/>.</summary>
    public string? Notes { get; init; }
}
