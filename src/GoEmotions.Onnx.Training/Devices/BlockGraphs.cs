using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Protobuf;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>
/// The graphs over flat blocks. Inputs and outputs that end alike are meant to be bound to the same memory: every node that writes
/// an output is the last to read that input, element by element.
/// </summary>
internal static class BlockGraphs
{
    public const string Source = "source";
    public const string Target = "target";
    public const string Gradients = "gradients";
    public const string Parameters = "parameters";
    public const string FirstMoments = "first_moments";
    public const string SecondMoments = "second_moments";
    public const string Constants = "constants";
    public const string Sum = "sum";
    public const string SquareSums = "square_sums";
    public const string NewPrefix = "new_";

    private static readonly SymbolicShape Vector = ["count"];

    /// <summary>target = source.</summary>
    public static ModelProto Copy()
    {
        var graph = new GraphBuilder("copy");
        graph.Output(graph.Node("Identity", [graph.Input(Source, ElementType.Float32, Vector)]), Target);
        return graph.ToModel();
    }

    /// <summary>new_sum = sum x constants[0] + gradients x constants[1].</summary>
    public static ModelProto Accumulate()
    {
        var graph = new GraphBuilder("accumulate");
        GraphValue sum = graph.Input(Sum, ElementType.Float32, Vector);
        GraphValue gradients = graph.Input(Gradients, ElementType.Float32, Vector);
        GraphValue[] weights = graph.Node("", "Split", [graph.Input(Constants, ElementType.Float32, SymbolicShape.Constant(2))], 2, ("num_outputs", 2L));
        graph.Output(graph.Node("Add", [graph.Node("Mul", [gradients, weights[1]]), graph.Node("Mul", [sum, weights[0]])]), NewPrefix + Sum);
        return graph.ToModel();
    }

    /// <summary>The sum of squares of each row of a matrix.</summary>
    public static ModelProto SumOfSquares()
    {
        var graph = new GraphBuilder("sum_of_squares");
        GraphValue gradients = graph.Input(Gradients, ElementType.Float32, ["rows", "columns"]);
        graph.Output(graph.Node("ReduceSumSquare", [gradients, graph.Integers(1)], ("keepdims", false)), SquareSums);
        return graph.ToModel();
    }

    /// <summary>An AdamW step, operation by operation that of <see cref="Optimization.AdamW"/>, with <see cref="Optimization.AdamW.Constants"/>.</summary>
    public static ModelProto AdamW()
    {
        var graph = new GraphBuilder("adamw");
        GraphValue p = graph.Input(Parameters, ElementType.Float32, Vector);
        GraphValue g = graph.Input(Gradients, ElementType.Float32, Vector);
        GraphValue m = graph.Input(FirstMoments, ElementType.Float32, Vector);
        GraphValue v = graph.Input(SecondMoments, ElementType.Float32, Vector);
        GraphValue constants = graph.Input(Constants, ElementType.Float32, SymbolicShape.Constant(Optimization.AdamW.ConstantCount));
        GraphValue[] c = graph.Node("", "Split", [constants], Optimization.AdamW.ConstantCount, ("num_outputs", (long)Optimization.AdamW.ConstantCount));
        (GraphValue gradientScale, GraphValue oneMinusBeta1, GraphValue oneMinusBeta2, GraphValue inverseRootCorrection2) = (c[0], c[1], c[2], c[3]);
        (GraphValue epsilon, GraphValue stepSize, GraphValue keep) = (c[4], c[5], c[6]);
        GraphValue gradient = Mul(g, gradientScale);
        GraphValue first = Add(m, Mul(Sub(gradient, m), oneMinusBeta1));
        GraphValue second = Add(v, Mul(Sub(Mul(gradient, gradient), v), oneMinusBeta2));
        GraphValue denominator = Add(Mul(graph.Node("Sqrt", [second]), inverseRootCorrection2), epsilon);
        GraphValue update = graph.Node("Div", [Mul(first, stepSize), denominator]);
        graph.Output(Sub(Mul(p, keep), update), NewPrefix + Parameters);
        graph.Output(first, NewPrefix + FirstMoments);
        graph.Output(second, NewPrefix + SecondMoments);
        return graph.ToModel();

        GraphValue Add(GraphValue left, GraphValue right) => graph.Node("Add", [left, right]);
        GraphValue Sub(GraphValue left, GraphValue right) => graph.Node("Sub", [left, right]);
        GraphValue Mul(GraphValue left, GraphValue right) => graph.Node("Mul", [left, right]);
    }
}
