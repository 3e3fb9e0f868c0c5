namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>Losses, added to the graph that makes the logits.</summary>
public static class LossGraphs
{
    /// <summary>
    /// Adds the mean over batch and labels of the binary cross-entropy between sigmoid(logits) and targets, computed from the
    /// logits so that no large logit overflows: <c>softplus(x) - x y</c>.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="logits">Of a float type, <c>[batch, labels]</c>.</param>
    /// <param name="targets">Of the same type and shape, each in [0, 1].</param>
    /// <param name="options">What to add to it; <see langword="null"/> for nothing.</param>
    /// <returns>The loss, of rank 0.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or there is not one positive weight per label.</exception>
    /// <exception cref="GraphException">The shapes do not fit.</exception>
    public static GraphValue BinaryCrossEntropy(GraphBuilder graph, GraphValue logits, GraphValue targets, LossOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(targets);
        options ??= new LossOptions();
        options.Validate(logits.Shape[logits.Rank - 1] is { IsConstant: true } labels ? labels.Value : null);
        using (graph.Scope("loss"))
        {
            GraphValue smoothed = targets;
            if (options.LabelSmoothing > 0)
            {
                smoothed = graph.Add(graph.Mul(targets, 1 - options.LabelSmoothing), graph.Scalar(options.LabelSmoothing / 2, targets.ElementType));
            }

            GraphValue loss = options.PositiveWeights is { } weights ? Weighted(graph, logits, smoothed, weights) : graph.Sub(graph.Node("Softplus", [logits]), graph.Mul(logits, smoothed));
            if (options.FocalGamma > 0)
            {
                loss = graph.Mul(loss, Focus(graph, logits, smoothed, options.FocalGamma));
            }

            return graph.Node("ReduceMean", [loss], ("keepdims", false));
        }
    }

    // w y softplus(-x) + (1 - y) softplus(x), with softplus(x) = x + softplus(-x): (1 - y) x + (1 + (w - 1) y) softplus(-x)
    private static GraphValue Weighted(GraphBuilder graph, GraphValue logits, GraphValue targets, IReadOnlyList<float> weights)
    {
        GraphValue excess = graph.Node("Cast", [graph.Constant<float>([.. weights.Select(weight => weight - 1)], weights.Count)], ("to", logits.ElementType));
        GraphValue one = graph.Scalar(1, logits.ElementType);
        GraphValue factor = graph.Add(graph.Mul(targets, excess), one);
        GraphValue negative = graph.Mul(graph.Sub(one, targets), logits);
        return graph.Add(negative, graph.Mul(factor, graph.Node("Softplus", [graph.Neg(logits)])));
    }

    // (1 - p_t)^gamma with 1 - p_t = p + y - 2 p y, p = sigmoid(x)
    private static GraphValue Focus(GraphBuilder graph, GraphValue logits, GraphValue targets, float gamma)
    {
        GraphValue probability = graph.Node("Sigmoid", [logits]);
        GraphValue wrong = graph.Sub(graph.Add(probability, targets), graph.Mul(graph.Mul(probability, targets), 2));
        return graph.Node("Pow", [wrong, graph.Scalar(gamma, logits.ElementType)]);
    }
}
