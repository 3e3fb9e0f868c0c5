namespace GoEmotions.Onnx.Graphs.Gradients;

/// <summary>Operators that work element by element. <c>dy</c> is the gradient of the output, <c>x</c>, <c>y</c> the node's input and output.</summary>
internal static class ElementwiseGradients
{
    public static IEnumerable<GradientRule> Rows =>
    [
        new("", "Identity", 1, c => c.Give(0, () => c.Gradient)),
        new("", "Cast", 6, c => c.Give(0, () => c.Graph.CastTo(c.Gradient, c.Input(0).ElementType))),
        new("", "Neg", 6, c => c.Give(0, () => c.Graph.Neg(c.Gradient))),
        new("", "Abs", 6, c => c.Give(0, () => c.Graph.Mul(c.Gradient, c.Graph.Node("Sign", [c.Input(0)])))),
        new("", "Add", 7, c =>
        {
            c.Give(0, () => c.Gradient);
            c.Give(1, () => c.Gradient);
        }),
        new("", "Sum", 8, c =>
        {
            for (int input = 0; input < c.InputCount; input++)
            {
                c.Give(input, () => c.Gradient);
            }
        }),
        new("", "Sub", 7, c =>
        {
            c.Give(0, () => c.Gradient);
            c.Give(1, () => c.Graph.Neg(c.Gradient));
        }),
        new("", "Mul", 7, c =>
        {
            c.Give(0, () => c.Graph.Mul(c.Gradient, c.Input(1)));
            c.Give(1, () => c.Graph.Mul(c.Gradient, c.Input(0)));
        }),
        new("", "Div", 7, c =>
        {
            // d(a/b)/db = -(a/b)/b
            c.Give(0, () => c.Graph.Div(c.Gradient, c.Input(1)));
            c.Give(1, () => c.Graph.Neg(c.Graph.Mul(c.Gradient, c.Graph.Div(c.Output(), c.Input(1)))));
        }),
        new("", "Pow", 7, Power),
        new("", "Sqrt", 6, c => c.Give(0, () => c.Graph.Div(c.Graph.Mul(c.Gradient, 0.5), c.Output()))),
        new("", "Reciprocal", 6, c => c.Give(0, () => c.Graph.Neg(c.Graph.Mul(c.Gradient, c.Graph.Mul(c.Output(), c.Output()))))),
        new("", "Exp", 6, c => c.Give(0, () => c.Graph.Mul(c.Gradient, c.Output()))),
        new("", "Log", 6, c => c.Give(0, () => c.Graph.Div(c.Gradient, c.Input(0)))),
        new("", "Erf", 9, c => c.Give(0, () => c.Graph.Mul(c.Gradient, c.Graph.Mul(Gaussian(c.Graph, c.Input(0)), 2 / Math.Sqrt(Math.PI))))),
        new("", "Tanh", 6, c => c.Give(0, () => c.Graph.Mul(c.Gradient, OneMinus(c.Graph, c.Graph.Mul(c.Output(), c.Output()))))),
        new("", "Sigmoid", 6, c => c.Give(0, () => c.Graph.Mul(c.Gradient, c.Graph.Mul(c.Output(), OneMinus(c.Graph, c.Output()))))),
        new("", "Softplus", 1, c => c.Give(0, () => c.Graph.Mul(c.Gradient, c.Graph.Node("Sigmoid", [c.Input(0)])))),
        new("", "Relu", 6, c => c.Give(0, () => Masked(c, c.Graph.Node("Greater", [c.Output(), c.Graph.Scalar(0, c.Output().ElementType)])))),
        new("", "Gelu", 20, c => c.Give(0, () => c.Text("approximate") is "tanh" ? TanhGelu(c) : Gelu(c))),
        new("", "Where", 9, c =>
        {
            c.Give(1, () => Masked(c, c.Input(0)));
            c.Give(2, () => c.Graph.Node("Where", [c.Input(0), Zero(c), c.Gradient]));
        }),

        // Piecewise constant, so that nothing flows back.
        new("", "Sign", 9, null),
        new("", "Floor", 6, null),
        new("", "Ceil", 6, null),
        new("", "Round", 11, null),
    ];

    private static GraphValue Zero(GradientContext c) => c.Graph.Scalar(0, c.Gradient.ElementType);

    private static GraphValue OneMinus(GraphBuilder graph, GraphValue value) => graph.Sub(graph.Scalar(1, value.ElementType), value);

    private static GraphValue Masked(GradientContext c, GraphValue condition) => c.Graph.Node("Where", [condition, c.Gradient, Zero(c)]);

    // exp(-x^2)
    private static GraphValue Gaussian(GraphBuilder graph, GraphValue x) => graph.Node("Exp", [graph.Neg(graph.Mul(x, x))]);

    // d(x^p)/dx = p x^(p-1); the exponent, of any type of number, is taken for a constant.
    private static void Power(GradientContext c) => c.Give(0, () =>
    {
        GraphValue exponent = c.Graph.CastTo(c.Input(1), c.Gradient.ElementType);
        GraphValue lower = c.Graph.Sub(exponent, c.Graph.Scalar(1, exponent.ElementType));
        return c.Graph.Mul(c.Gradient, c.Graph.Mul(exponent, c.Graph.Node("Pow", [c.Input(0), lower])));
    });

    // With s = x/sqrt(2): d(x Phi(x))/dx = Phi(x) + x phi(x) = (1 + erf(s))/2 + s exp(-s^2)/sqrt(pi)
    // (Hendrycks and Gimpel 2016, Gaussian Error Linear Units). 1/sqrt(pi) is folded into the exponent.
    private static GraphValue Gelu(GradientContext c)
    {
        GraphBuilder graph = c.Graph;
        GraphValue s = graph.Mul(c.Input(0), Math.Sqrt(0.5));
        GraphValue density = graph.Node("Exp", [graph.Sub(graph.Scalar(-0.5 * Math.Log(Math.PI), s.ElementType), graph.Mul(s, s))]);
        GraphValue half = graph.Scalar(0.5, s.ElementType);
        GraphValue cumulative = graph.Add(graph.Mul(graph.Node("Erf", [s]), half), half);
        return graph.Mul(c.Gradient, graph.Add(graph.Mul(density, s), cumulative));
    }

    // y = x (1 + tanh(u))/2 with u = sqrt(2/pi) (x + 0.044715 x^3):
    // dy/dx = (1 + t)/2 + x (1 - t^2)/2 u', u' = sqrt(2/pi) (1 + 3*0.044715 x^2).
    private static GraphValue TanhGelu(GradientContext c)
    {
        GraphBuilder graph = c.Graph;
        GraphValue x = c.Input(0);
        ElementType type = x.ElementType;
        double root = Math.Sqrt(2 / Math.PI);
        GraphValue square = graph.Mul(x, x);
        GraphValue inner = graph.Mul(x, graph.Add(graph.Mul(square, root * 0.044715), graph.Scalar(root, type)));
        GraphValue tanh = graph.Node("Tanh", [inner]);
        GraphValue slope = graph.Add(graph.Mul(square, 1.5 * root * 0.044715), graph.Scalar(0.5 * root, type));
        GraphValue curved = graph.Mul(graph.Mul(x, slope), OneMinus(graph, graph.Mul(tanh, tanh)));
        GraphValue straight = graph.Mul(graph.Add(tanh, graph.Scalar(1, type)), 0.5);
        return graph.Mul(c.Gradient, graph.Add(straight, curved));
    }
}
