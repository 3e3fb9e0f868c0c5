namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>The few operators that gradient rules are written with, as expressions.</summary>
internal static class GradientExpressions
{
    public static GraphValue Add(this GraphBuilder graph, GraphValue left, GraphValue right) => graph.Node("Add", [left, right]);

    public static GraphValue Sub(this GraphBuilder graph, GraphValue left, GraphValue right) => graph.Node("Sub", [left, right]);

    public static GraphValue Mul(this GraphBuilder graph, GraphValue left, GraphValue right) => graph.Node("Mul", [left, right]);

    public static GraphValue Mul(this GraphBuilder graph, GraphValue left, double right) => graph.Node("Mul", [left, graph.Scalar(right, left.ElementType)]);

    public static GraphValue Div(this GraphBuilder graph, GraphValue left, GraphValue right) => graph.Node("Div", [left, right]);

    public static GraphValue Neg(this GraphBuilder graph, GraphValue value) => graph.Node("Neg", [value]);

    public static GraphValue CastTo(this GraphBuilder graph, GraphValue value, ElementType type) =>
        value.ElementType == type ? value : graph.Node("Cast", [value], ("to", type));

    /// <summary>A constant of a float type, as a scalar.</summary>
    public static GraphValue Scalar(this GraphBuilder graph, double value, ElementType type) => type switch
    {
        ElementType.Float32 => graph.Scalar((float)value),
        ElementType.Float64 => graph.Scalar(value),
        ElementType.Float16 => graph.Scalar((Half)value),
        _ => Throw.Graph<GraphValue>($"a constant of element type {type.OnnxName()} was asked for, expected float, double or float16."),
    };

    /// <summary>Zeros of a value's type and shape.</summary>
    public static GraphValue ZerosLike(this GraphBuilder graph, GraphValue value) =>
        graph.Node("Expand", [graph.Scalar(0, value.ElementType), graph.ShapeOf(value)]);

    /// <summary>A value's shape as a vector: a constant or computed of graph inputs where it can be.</summary>
    public static GraphValue ShapeOf(this GraphBuilder graph, GraphValue value) =>
        value.Shape.Any(dimension => dimension.IsUnknown) ? graph.Node("Shape", [value]) : graph.ShapeVector(value.Shape);

    /// <summary>A value in the shape of another; the value itself where it has that shape for certain.</summary>
    public static GraphValue ReshapeAs(this GraphBuilder graph, GraphValue value, GraphValue like) =>
        like.Shape.Any(dimension => dimension.IsUnknown) ? graph.Node("Reshape", [value, graph.ShapeOf(like)]) : graph.Reshape(value, like.Shape);

    public static GraphValue Reshape(this GraphBuilder graph, GraphValue value, SymbolicShape shape)
    {
        if (value.Shape.Equals(shape))
        {
            return value;
        }

        // One axis that is not constant is what is left over; more are read off the values that have them.
        GraphValue target = shape.Count(dimension => !dimension.IsConstant) == 1
            ? graph.Integers([.. shape.Select(dimension => dimension.IsConstant ? dimension.Value : -1)])
            : graph.ShapeVector(shape);
        return graph.Node("Reshape", [value, target]);
    }

    /// <summary>A matrix, of the axes before one and those from it on.</summary>
    public static GraphValue Flatten(this GraphBuilder graph, GraphValue value, long axis) =>
        value.Rank == 2 && axis == 1 ? value : graph.Node("Flatten", [value], ("axis", axis));

    public static GraphValue Transpose(this GraphBuilder graph, GraphValue value, params long[] permutation) =>
        graph.Node("Transpose", [value], ("perm", permutation));

    public static GraphValue ReduceSum(this GraphBuilder graph, GraphValue value, bool keepDimensions, params long[] axes) =>
        graph.Node("ReduceSum", [value, graph.Integers(axes)], ("keepdims", keepDimensions));

    public static GraphValue ReduceMean(this GraphBuilder graph, GraphValue value, bool keepDimensions, params long[] axes) => graph.Opset >= 18
        ? graph.Node("ReduceMean", [value, graph.Integers(axes)], ("keepdims", keepDimensions))
        : graph.Node("ReduceMean", [value], ("axes", axes), ("keepdims", keepDimensions));

    public static GraphValue Gemm(this GraphBuilder graph, GraphValue left, GraphValue right, bool transposeLeft, bool transposeRight, float alpha) =>
        graph.Node("Gemm", [left, right], ("transA", transposeLeft), ("transB", transposeRight), ("alpha", alpha));
}
