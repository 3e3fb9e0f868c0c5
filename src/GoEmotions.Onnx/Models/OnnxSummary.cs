namespace GoEmotions.Onnx.Models;

/// <summary>What <see cref="OnnxScreening"/> read of a model.</summary>
internal sealed record OnnxSummary
{
    /// <summary>The inputs of the graph, initializers not among them.</summary>
    public required IReadOnlyList<OnnxValue> Inputs { get; init; }

    /// <summary>The outputs of the graph.</summary>
    public required IReadOnlyList<OnnxValue> Outputs { get; init; }

    /// <summary>The entries of <c>metadata_props</c> that are this project's.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>The files with tensors outside the model, as the model names them; each once.</summary>
    public required IReadOnlyCollection<string> ExternalFiles { get; init; }
}
