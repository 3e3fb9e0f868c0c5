using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Shapes;

namespace GoEmotions.Onnx.Graphs;

/// <summary>
/// Element types and symbolic shapes of the values of a graph, from a table with a rule per operator. Thread-safe.
/// </summary>
public static class ShapeInference
{
    /// <summary>Whether there is a rule for an operator.</summary>
    /// <param name="domain">The operator set; empty or <c>ai.onnx</c> for the standard one.</param>
    /// <param name="operatorType">The operator.</param>
    /// <param name="opset">The version of the operator set.</param>
    /// <returns><see langword="true"/> when <see cref="GraphBuilder"/> can use it.</returns>
    /// <exception cref="ArgumentNullException">A text is null.</exception>
    public static bool Supports(string domain, string operatorType, int opset)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(operatorType);
        return OperatorTable.Find(domain, operatorType, opset) is not null;
    }

    /// <summary>Infers the type of every value of a model, as far as it can be known.</summary>
    /// <param name="model">The model; it is not changed. Its nodes may stand in any order.</param>
    /// <returns>Types by value name; a value of an operator without a rule has the type that the model declares for it, or none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is null.</exception>
    /// <exception cref="GraphException">A node's inputs or attributes do not fit its operator, or the graph has a cycle or an undefined value.</exception>
    public static IReadOnlyDictionary<string, TensorType> Infer(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var walk = new InferenceWalk(model);
        foreach (NodeProto node in GraphOrder.Sort(model.Graph))
        {
            walk.Visit(node);
        }

        return walk.Types();
    }
}
