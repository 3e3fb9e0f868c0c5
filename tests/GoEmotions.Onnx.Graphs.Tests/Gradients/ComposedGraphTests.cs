namespace GoEmotions.Onnx.Graphs.Tests.Gradients;

/// <summary>Random graphs of several operators, in which values are shared, broadcast, cut and joined.</summary>
public sealed class ComposedGraphTests
{
    private const int Rows = 3;
    private const int Columns = 4;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Build_RandomGraphs_AgreeWithFiniteDifferences(bool symbolic)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var composed = new GradientCase(
                "composed", $"seed {seed}", (graph, x) => Compose(graph, x, new Random(seed), symbolic), new CaseInput([Rows, Columns]), new CaseInput([Columns]), new CaseInput([Rows, 1]))
            {
                // Chains of up to 12 steps with second derivatives of some hundreds.
                Tolerance = 1e-6,
            };
            double error = GradientProbe.WorstError(composed, symbolic, seed);
            Assert.True(error <= composed.Tolerance, $"{composed}: gradients differ by {error:E2}");
        }
    }

    // Every value has the shape [rows, columns] or broadcasts to it. Tanh keeps the values small. The last two steps have constant sizes.
    private static GraphValue[] Compose(GraphBuilder graph, GraphValue[] inputs, Random random, bool symbolic)
    {
        var values = new List<GraphValue>(inputs);
        GraphValue matrix = graph.Node("Add", [inputs[0], inputs[2]]);
        for (int step = 0; step < 12; step++)
        {
            GraphValue other = values[random.Next(values.Count)];
            matrix = random.Next(symbolic ? 11 : 13) switch
            {
                0 => graph.Node("Add", [other, matrix]),
                1 => graph.Node("Mul", [matrix, graph.Node("Sigmoid", [other])]),
                2 => graph.Node("Sub", [graph.Node("Tanh", [other]), matrix]),
                3 => graph.Node("Div", [matrix, graph.Node("Exp", [graph.Node("Tanh", [other])])]),
                4 => graph.Node("Softmax", [graph.Node("Add", [matrix, other])], ("axis", (long)random.Next(-2, 2))),
                5 => graph.Node("MatMul", [graph.Node("MatMul", [matrix, graph.Node("Transpose", [matrix])]), graph.Node("Tanh", [matrix])]),
                6 => graph.Node("Gemm", [graph.Node("Gemm", [matrix, matrix], ("transB", true), ("alpha", 0.1f)), matrix, other], ("transA", true)),
                7 => graph.Node("Sub", [matrix, graph.Node("ReduceMean", [matrix, graph.Integers(random.Next(-2, 2))], ("keepdims", true))]),
                8 => graph.Node("Slice", [matrix, graph.Integers(-1), graph.Integers(-1000), graph.Integers(random.Next(2)), graph.Integers(-1)]),
                9 => graph.Node("Sum", [matrix, other, matrix]),
                10 => graph.Node("Where", [graph.Node("Greater", [other, matrix]), graph.Node("Tanh", [matrix]), graph.Node("Tanh", [matrix])]),
                11 => graph.Node("Gather", [matrix, graph.Integers(2, 0, 2)], ("axis", 0L)),
                _ => graph.Node("Gather", [graph.Node("Concat", [matrix, matrix], ("axis", 1L)), graph.Integers(7, 0, 3, 3)], ("axis", 1L)),
            };
            matrix = graph.Node("Tanh", [matrix]);
            values.Add(matrix);
        }

        return [matrix, graph.Node("Sum", [.. values])];
    }
}
