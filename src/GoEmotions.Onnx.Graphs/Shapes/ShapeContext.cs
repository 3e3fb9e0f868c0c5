using System.Diagnostics.CodeAnalysis;
using GoEmotions.Onnx.Graphs.Protobuf;
using static GoEmotions.Onnx.Graphs.Protobuf.AttributeProto.Types;

namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>What a rule sees of a node, and where it puts the types of the outputs. A shape that is null has an unknown rank.</summary>
internal sealed class ShapeContext
{
    /// <summary>Integer tensors up to this size are followed element by element, so that shapes computed from shapes are known.</summary>
    public const int MaxElements = 64;

    private readonly InferredValue?[] _inputs;
    private readonly InferredValue[] _outputs;

    public ShapeContext(NodeProto node, int opset, bool strict, InferredValue?[] inputs, int outputCount)
    {
        Node = node;
        Opset = opset;
        Strict = strict;
        _inputs = inputs;
        _outputs = new InferredValue[outputCount];
        Array.Fill(_outputs, InferredValue.Unknown);
    }

    public NodeProto Node { get; }

    public int Opset { get; }

    /// <summary>
    /// Whether two different symbols are taken for different sizes. So it is while a graph is built, where the symbols are the
    /// builder's own; in a file made by others they may be two names of one size.
    /// </summary>
    public bool Strict { get; }

    public int InputCount => _inputs.Length;

    public int OutputCount => _outputs.Length;

    public ReadOnlySpan<InferredValue> Outputs => _outputs;

    public bool HasInput(int index) => index < _inputs.Length && _inputs[index] is not null;

    public ElementType InputType(int index) => HasInput(index) ? _inputs[index]!.Type.ElementType : ElementType.Undefined;

    public SymbolicShape? InputShape(int index) => HasInput(index) ? _inputs[index]!.Type.Shape : null;

    public Dimension[]? InputElements(int index) => HasInput(index) ? _inputs[index]!.Elements : null;

    /// <summary>The elements of an input when all of them are numbers.</summary>
    public long[]? InputNumbers(int index)
    {
        Dimension[]? elements = InputElements(index);
        return elements is not null && Array.TrueForAll(elements, e => e.IsConstant) ? Array.ConvertAll(elements, e => e.Value) : null;
    }

    public void Output(int index, ElementType type, SymbolicShape? shape, Dimension[]? elements = null)
    {
        if (index < _outputs.Length)
        {
            _outputs[index] = new InferredValue(
                new TensorType(type, shape),
                type is ElementType.Int64 or ElementType.Int32 && shape is { Rank: <= 1 } && elements?.Length <= MaxElements ? elements : null);
        }
    }

    /// <summary>Output 0 is as input 0.</summary>
    public void OutputAsInput(SymbolicShape? shape, Dimension[]? elements = null) => Output(0, InputType(0), shape, elements);

    public AttributeProto? Attribute(string name)
    {
        foreach (AttributeProto attribute in Node.Attribute)
        {
            if (attribute.Name == name)
            {
                return attribute;
            }
        }

        return null;
    }

    public long Int(string name, long absent) => Attribute(name)?.I ?? absent;

    public long[]? Ints(string name) => Attribute(name) is { } attribute ? [.. attribute.Ints] : null;

    /// <summary>The axis that an attribute names, counted from 0.</summary>
    public int Axis(string name, long absent, int rank) => Axis(Int(name, absent), rank, $"attribute '{name}'");

    public int Axis(long axis, int rank, string what)
    {
        if (axis < -rank || axis >= rank)
        {
            Fail($"{what} is {axis}, expected from {-rank} to {rank - 1} (rank {rank})");
        }

        return (int)(axis < 0 ? axis + rank : axis);
    }

    /// <summary>The distinct axes, counted from 0, in the order given.</summary>
    public int[] Axes(ReadOnlySpan<long> axes, int rank, string what)
    {
        var result = new int[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            result[i] = Axis(axes[i], rank, what);
            if (result.AsSpan(0, i).Contains(result[i]))
            {
                Fail($"{what} names axis {result[i]} twice");
            }
        }

        return result;
    }

    /// <summary>Demands a rank of at least <paramref name="least"/>.</summary>
    public void RequireRank(int index, SymbolicShape shape, int least, int most = int.MaxValue)
    {
        if (shape.Rank < least || shape.Rank > most)
        {
            Fail($"input {index} ('{Node.Input[index]}') has shape {shape} of rank {shape.Rank}, expected rank {least}{(most == least ? "" : most == int.MaxValue ? " or more" : $" to {most}")}");
        }
    }

    /// <summary>The dimension that two equal ones have; an error where they surely differ.</summary>
    public Dimension Same(Dimension left, Dimension right, string what)
    {
        if (left == right || right.IsUnknown)
        {
            return left;
        }

        if (left.IsUnknown)
        {
            return right;
        }

        if ((left.IsConstant && right.IsConstant) || Strict)
        {
            Fail($"{what} differ: found {left} and {right}, expected equal ones");
        }

        return left.IsConstant ? left : right.IsConstant ? right : Dimension.Unknown;
    }

    /// <summary>The shape of two operands broadcast against each other (multidirectional, as in NumPy).</summary>
    public SymbolicShape? Broadcast(SymbolicShape? left, SymbolicShape? right)
    {
        if (left is null || right is null)
        {
            return null;
        }

        var result = new Dimension[Math.Max(left.Rank, right.Rank)];
        for (int fromEnd = 1; fromEnd <= result.Length; fromEnd++)
        {
            Dimension a = fromEnd <= left.Rank ? left[left.Rank - fromEnd] : 1;
            Dimension b = fromEnd <= right.Rank ? right[right.Rank - fromEnd] : 1;
            result[^fromEnd] = BroadcastDimension(a, b, left, right);
        }

        return SymbolicShape.Create(result);
    }

    /// <summary>All inputs from <paramref name="first"/> on, broadcast together.</summary>
    public SymbolicShape? BroadcastInputs(int first = 0)
    {
        SymbolicShape? shape = InputShape(first);
        for (int i = first + 1; i < InputCount; i++)
        {
            shape = Broadcast(shape, InputShape(i));
        }

        return shape;
    }

    /// <summary>Checks the node against its operator's row and infers its outputs.</summary>
    public void Run(OperatorRule rule)
    {
        CheckSignature(rule);
        rule.Infer(this);
        for (int i = 0; i < _outputs.Length; i++)
        {
            if (_outputs[i].Type.Shape is { } shape && shape.Any(dimension => dimension.IsConstant && dimension.Value < 0))
            {
                Fail($"output {i} would have shape {shape}, expected sizes of 0 or more");
            }
        }
    }

    [DoesNotReturn]
    public void Fail(string message) => Throw.Graph(Describe(Node, Opset) + message + ".");

    public static string Describe(NodeProto node, int opset) =>
        $"node '{node.Name}' ({(string.IsNullOrEmpty(node.Domain) ? "" : node.Domain + ".")}{node.OpType}, opset {opset}): ";

    /// <summary>Checks number and element types of the inputs, and names and types of the attributes, against the operator's row.</summary>
    private void CheckSignature(OperatorRule rule)
    {
        if (InputCount < rule.MinInputs || InputCount > rule.MaxInputs)
        {
            string expected = rule.MaxInputs == int.MaxValue ? $"{rule.MinInputs} or more" : rule.MinInputs == rule.MaxInputs ? $"{rule.MinInputs}" : $"{rule.MinInputs} to {rule.MaxInputs}";
            Fail($"has {InputCount} inputs, expected {expected}");
        }

        if (OutputCount > rule.MaxOutputs)
        {
            Fail($"has {OutputCount} outputs, expected at most {rule.MaxOutputs}");
        }

        int shared = -1;
        for (int i = 0; i < InputCount; i++)
        {
            if (!HasInput(i))
            {
                if (i < rule.MinInputs)
                {
                    Fail($"input {i} is left out, but the operator needs it");
                }

                continue;
            }

            CheckInputType(rule, i, ref shared);
        }

        foreach (AttributeProto attribute in Node.Attribute)
        {
            CheckAttribute(rule, attribute);
        }
    }

    private void CheckInputType(OperatorRule rule, int index, ref int shared)
    {
        ElementType type = InputType(index);
        if (type == ElementType.Undefined)
        {
            return;
        }

        char kind = rule.InputKind(index);
        string? expected = kind switch
        {
            'I' when type is not (ElementType.Int32 or ElementType.Int64) => "int32 or int64",
            'L' when type != ElementType.Int64 => "int64",
            'B' when type != ElementType.Bool => "bool",
            'F' when !type.IsFloat() => "a float type",
            'T' => rule.Types switch
            {
                TypeSet.Float when !type.IsFloat() => "a float type",
                TypeSet.Numeric when type is ElementType.Bool or ElementType.String => "a numeric type",
                TypeSet.Bool when type != ElementType.Bool => "bool",
                _ => null,
            },
            _ => null,
        };
        if (expected is not null)
        {
            Fail($"input {index} ('{Node.Input[index]}') has element type {type.OnnxName()}, expected {expected}");
        }

        if (kind == 'T')
        {
            if (shared >= 0 && InputType(shared) != type)
            {
                Fail($"input {index} ('{Node.Input[index]}') has element type {type.OnnxName()}, expected {InputType(shared).OnnxName()} as input {shared} ('{Node.Input[shared]}')");
            }

            shared = index;
        }
    }

    private void CheckAttribute(OperatorRule rule, AttributeProto attribute)
    {
        if (!rule.TryGetAttributeType(attribute.Name, out string? expected))
        {
            Fail($"has an attribute '{attribute.Name}', expected {rule.AttributeNames}");
        }

        AttributeType type = attribute.Type;
        if (type != AttributeType.Undefined && !string.Equals(type.ToString(), expected, StringComparison.OrdinalIgnoreCase))
        {
            Fail($"attribute '{attribute.Name}' has type {type.ToString().ToUpperInvariant()}, expected {expected}");
        }
    }

    private Dimension BroadcastDimension(Dimension a, Dimension b, SymbolicShape left, SymbolicShape right)
    {
        if (a == b || b.IsOne)
        {
            return a;
        }

        if (a.IsOne)
        {
            return b;
        }

        if (a.IsUnknown || b.IsUnknown)
        {
            return a.IsConstant ? a : b.IsConstant ? b : Dimension.Unknown;
        }

        if ((a.IsConstant && b.IsConstant) || Strict)
        {
            Fail($"shapes {left} and {right} do not broadcast: found {a} and {b} on one axis, expected equal dimensions or 1");
        }

        return a.IsConstant ? a : b.IsConstant ? b : Dimension.Unknown;
    }
}
