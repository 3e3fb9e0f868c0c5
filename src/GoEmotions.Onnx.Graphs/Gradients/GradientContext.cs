using System.Diagnostics.CodeAnalysis;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Shapes;

namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>What a gradient rule sees of a node, and where it puts the gradients of the node's inputs.</summary>
internal sealed class GradientContext(BackwardGraphBuilder walk, NodeProto node)
{
    private readonly HashSet<int> _given = [];
    private readonly HashSet<int> _taken = [];

    public GraphBuilder Graph => walk.Graph;

    public bool StandardOperatorsOnly => walk.StandardOperatorsOnly;

    public NodeProto Node => node;

    public int InputCount => node.Input.Count;

    /// <summary>The gradient of output 0, with the shape of that output.</summary>
    public GraphValue Gradient => GradientOf(0) ?? Throw.Graph<GraphValue>(Describe() + "the gradient of output 0 is asked for, but only another output has one.");

    public GraphValue Input(int index) => Graph.Value(node.Input[index]);

    public GraphValue Output(int index = 0) => Graph.Value(node.Output[index]);

    /// <summary>The gradient of an output, or null where the loss does not depend on it.</summary>
    public GraphValue? GradientOf(int outputIndex)
    {
        _taken.Add(outputIndex);
        return walk.FindGradient(node.Output[outputIndex]);
    }

    public bool HasInput(int index) => index < node.Input.Count && node.Input[index].Length > 0;

    /// <summary>Whether an input is there and needs a gradient.</summary>
    public bool Needs(int inputIndex) => inputIndex < node.Input.Count && walk.Needs(node.Input[inputIndex]);

    /// <summary>
    /// Adds to the gradient of an input. What was broadcast is summed down to the input's shape. The gradient is not even made
    /// where the input needs none.
    /// </summary>
    public void Give(int inputIndex, Func<GraphValue> gradient)
    {
        _given.Add(inputIndex);
        if (Needs(inputIndex))
        {
            walk.Accumulate(Input(inputIndex), gradient(), this);
        }
    }

    /// <summary>Gives the gradient of a table's rows as it is, without adding it into a tensor of the table's size, where the caller asked for that.</summary>
    public bool TryGiveRows(int inputIndex, GraphValue indices)
    {
        _given.Add(inputIndex);
        return walk.TryTakeRows(Input(inputIndex), indices, Gradient);
    }

    /// <summary>Fails where the rule left out an input that needs a gradient, or an output that has one.</summary>
    public void RequireComplete()
    {
        for (int input = 0; input < node.Input.Count; input++)
        {
            if (Needs(input) && !_given.Contains(input))
            {
                Fail($"input {input} '{node.Input[input]}' needs a gradient, but the operator's rule has none for it. Make it independent of the parameters.");
            }
        }

        for (int output = 0; output < node.Output.Count; output++)
        {
            if (!_taken.Contains(output) && walk.FindGradient(node.Output[output]) is not null)
            {
                Fail($"output {output} '{node.Output[output]}' has a gradient, but the operator's rule does not pass it on. Compute the loss without it.");
            }
        }
    }

    /// <summary>An optional output that the node may have been made without.</summary>
    public GraphValue OptionalOutput(int index) => Graph.OptionalOutput(Output(), index);

    public long Int(string name, long absent) => Attribute(name)?.I ?? absent;

    public float Float(string name, float absent) => Attribute(name)?.F ?? absent;

    public string? Text(string name) => Attribute(name)?.S.ToStringUtf8();

    public long[]? Ints(string name) => Attribute(name) is { } attribute ? [.. attribute.Ints] : null;

    /// <summary>An axis that an attribute names, counted from 0.</summary>
    public int Axis(string name, long absent, int rank) => (int)(Int(name, absent) is var axis && axis < 0 ? axis + rank : axis);

    [DoesNotReturn]
    public void Fail(string message) => Throw.Graph(Describe() + message);

    public string Describe() => ShapeContext.Describe(node, Graph.OpsetOf(node.Domain));

    private AttributeProto? Attribute(string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
