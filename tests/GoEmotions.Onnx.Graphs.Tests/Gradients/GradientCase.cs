namespace GoEmotions.Onnx.Graphs.Tests.Gradients;

/// <summary>A small graph whose gradients are compared with finite differences.</summary>
/// <param name="Operator">The operator that it is about, with its domain unless it is the standard's.</param>
/// <param name="Name">What is special about it.</param>
/// <param name="Build">From the inputs to what the loss is made of.</param>
/// <param name="Inputs">The inputs, each of which gets a gradient.</param>
internal sealed record GradientCase(string Operator, string Name, Func<GraphBuilder, GraphValue[], GraphValue[]> Build, params CaseInput[] Inputs)
{
    /// <summary>
    /// The same in double-precision arithmetic, for operators that ONNX Runtime has no double kernel for: the flat inputs to the
    /// flat first output.
    /// </summary>
    public Func<double[][], double[]>? Reference { get; init; }

    /// <summary>The same, as a graph of operators that have a double kernel.</summary>
    public Func<GraphBuilder, GraphValue[], GraphValue[]>? ReferenceBuild { get; init; }

    public int Opset { get; init; } = GraphBuilder.DefaultOpset;

    /// <summary>
    /// Central differences of width 1e-5 are good to about 1e-10 in double precision. Where only the graph under test is of single
    /// precision, its own rounding counts: 2^-24 per operation, some tens of them.
    /// </summary>
    public double Tolerance { get; init; } = 1e-7;

    /// <summary>Whether the graph can be built where its inputs' sizes above 1 are symbols.</summary>
    public bool AllowsSymbols { get; init; } = true;

    public ElementType Type => Reference is null && ReferenceBuild is null ? ElementType.Float64 : ElementType.Float32;

    public override string ToString() => $"{Operator}: {Name}";
}
