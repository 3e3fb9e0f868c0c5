namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>Losses, added to the graph that makes the logits.</summary>
public static class LossGraphs
{
    /// <summary>
    /// Adds the mean over batch and labels of the binary cross-entropy between sigmoid(logits) and targets, computed from the
    /// logits so that no large logit overflows and no small loss is a difference of large numbers:
    /// <c>w y softplus(-x) + (1 - y) softplus(x)</c>, w the positive weights.
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

            GraphValue opposite = graph.Sub(graph.Scalar(1, logits.ElementType), smoothed);
            GraphValue negated = graph.Neg(logits);
            GraphValue missed = graph.Mul(smoothed, graph.Node("Softplus", [negated]));
            GraphValue mistaken = graph.Mul(opposite, graph.Node("Softplus", [logits]));
            if (options.PositiveWeights is { } weights)
            {
                missed = graph.Mul(missed, graph.CastTo(graph.Constant<float>([.. weights], weights.Count), logits.ElementType));
            }

            GraphValue loss = graph.Add(missed, mistaken);
            if (options.FocalGamma > 0)
            {
                // 1 - p_t = y (1 - p) + (1 - y) p, p = sigmoid(x)
                GraphValue distance = graph.Add(graph.Mul(smoothed, graph.Node("Sigmoid", [negated])), graph.Mul(opposite, graph.Node("Sigmoid", [logits])));
                loss = graph.Mul(loss, graph.Node("Pow", [distance, graph.Scalar(options.FocalGamma, logits.ElementType)]));
            }

            return graph.Node("ReduceMean", [loss], ("keepdims", false));
        }
    }

    /// <summary>Adds the mean over rows of the cross-entropy between softmax(logits) and the class that is true.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="logits">Of a float type, <c>[rows, classes]</c>.</param>
    /// <param name="classes">The true class of each row, int64 <c>[rows]</c>, from 0.</param>
    /// <returns>The loss, of rank 0.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="GraphException">The shapes do not fit.</exception>
    public static GraphValue SoftmaxCrossEntropy(GraphBuilder graph, GraphValue logits, GraphValue classes)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(classes);
        using (graph.Scope("loss"))
        {
            GraphValue logProbabilities = graph.Node("LogSoftmax", [logits], ("axis", -1L));
            GraphValue ofTruth = graph.Node("GatherElements", [logProbabilities, graph.Node("Unsqueeze", [classes, graph.Integers(1)])], ("axis", 1L));
            return graph.Neg(graph.Node("ReduceMean", [ofTruth], ("keepdims", false)));
        }
    }
}
