namespace GoEmotions.Onnx.Sessions;

/// <summary>The shape of an input.</summary>
internal enum InputExtent
{
    /// <summary><c>[batch, sequence]</c>, padding included.</summary>
    Area,

    /// <summary><c>[tokens]</c>, the texts one behind the other.</summary>
    Tokens,

    /// <summary><c>[batch]</c>.</summary>
    Rows,
}
