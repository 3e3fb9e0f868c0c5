namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>The element types that an operator accepts.</summary>
internal enum TypeSet
{
    /// <summary>Every type.</summary>
    Any,

    /// <summary>Floats and integers.</summary>
    Numeric,

    /// <summary>float16, bfloat16, float, double.</summary>
    Float,

    /// <summary>bool.</summary>
    Bool,
}
