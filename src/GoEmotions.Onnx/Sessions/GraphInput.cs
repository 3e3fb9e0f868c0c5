namespace GoEmotions.Onnx.Sessions;

/// <summary>An input of a graph: what its name says it means, and its shape.</summary>
internal readonly record struct GraphInput(string Name, InputKind Kind, InputExtent Extent)
{
    /// <summary>The number of dimensions.</summary>
    public int Rank => Extent == InputExtent.Area ? 2 : 1;

    /// <summary>The shape in words.</summary>
    public string Shape => Extent switch { InputExtent.Area => "[batch, sequence]", InputExtent.Tokens => "[tokens]", _ => "[batch]" };
}
