namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>Softmax, layer normalization and dropout.</summary>
internal static class NormalizationGradients
{
    public static IEnumerable<GradientRule> Rows =>
    [
        new("", "Softmax", 13, Softmax),
        new("", "LogSoftmax", 13, LogSoftmax),
        new("", "LayerNormalization", 17, LayerNormalization),
        new("", "Dropout", 13, Dropout),
    ];

    // dx = y (dy - sum(dy y))
    private static void Softmax(GradientContext c) => c.Give(0, () =>
    {
        GraphValue y = c.Output();
        GraphValue sum = c.Graph.ReduceSum(c.Graph.Mul(c.Gradient, y), true, c.Axis("axis", -1, y.Rank));
        return c.Graph.Mul(y, c.Graph.Sub(c.Gradient, sum));
    });

    // dx = dy - exp(y) sum(dy)
    private static void LogSoftmax(GradientContext c) => c.Give(0, () =>
    {
        GraphValue y = c.Output();
        GraphValue sum = c.Graph.ReduceSum(c.Gradient, true, c.Axis("axis", -1, y.Rank));
        return c.Graph.Sub(c.Gradient, c.Graph.Mul(c.Graph.Node("Exp", [y]), sum));
    });

    // With n = (x - mean)/std and g = dy scale: dx = (g - mean(g) - n mean(g n))/std (Ba, Kiros and Hinton 2016, Layer Normalization).
    private static void LayerNormalization(GradientContext c)
    {
        GraphBuilder graph = c.Graph;
        GraphValue x = c.Input(0);
        int axis = c.Axis("axis", -1, x.Rank);
        long[] axes = [.. Enumerable.Range(axis, x.Rank - axis).Select(index => (long)index)];
        GraphValue mean = graph.CastTo(c.OptionalOutput(1), x.ElementType);
        GraphValue inverseDeviation = graph.CastTo(c.OptionalOutput(2), x.ElementType);
        GraphValue normalized = graph.Mul(graph.Sub(x, mean), inverseDeviation);
        c.Give(0, () =>
        {
            GraphValue scaled = graph.Mul(c.Gradient, c.Input(1));
            GraphValue projected = graph.Mul(normalized, Mean(graph.Mul(scaled, normalized)));
            return graph.Mul(graph.Sub(graph.Sub(scaled, Mean(scaled)), projected), inverseDeviation);
        });
        c.Give(1, () => graph.Mul(c.Gradient, normalized));
        c.Give(2, () => c.Gradient);

        GraphValue Mean(GraphValue value) => graph.ReduceMean(value, true, axes);
    }

    // What was dropped gets nothing, what was kept was scaled by 1/(1 - ratio). The mask is the node's own, of the same run.
    private static void Dropout(GradientContext c) => c.Give(0, () =>
    {
        if (!c.HasInput(2))
        {
            // Without a training mode the operator passes its input on.
            return c.Gradient;
        }

        GraphBuilder graph = c.Graph;
        ElementType type = c.Gradient.ElementType;
        GraphValue ratio = c.HasInput(1) ? c.Input(1) : graph.Scalar(0.5, type);
        GraphValue kept = graph.Sub(graph.Scalar(1, ratio.ElementType), ratio);

        // In inference mode the mask is all true and nothing is scaled. Constants fold to one factor, which the runtime moves into
        // a matrix product before it.
        GraphValue one = graph.Scalar(1, type);
        GraphValue scale = graph.Node("Where", [c.Input(2), graph.Div(one, graph.CastTo(kept, type)), one]);
        return graph.Mul(graph.Mul(c.Gradient, scale), graph.CastTo(c.OptionalOutput(1), type));
    });
}
