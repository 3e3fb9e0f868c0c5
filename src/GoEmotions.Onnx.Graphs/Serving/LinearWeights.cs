using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>The weights of linear layers side by side, as one product takes them.</summary>
/// <param name="Matrix">Row-major [inputs, outputs]: a checkpoint's matrix is [outputs, inputs].</param>
/// <param name="Bias">[outputs].</param>
internal sealed record LinearWeights(float[] Matrix, float[] Bias)
{
    public int Inputs => Matrix.Length / Bias.Length;

    public int Outputs => Bias.Length;

    /// <summary>Puts layers of the same inputs side by side; the first one's results are scaled.</summary>
    public static LinearWeights Join(ParameterSet parameters, ReadOnlySpan<string> modules, float scaleOfFirst = 1)
    {
        int inputs = (int)parameters[modules[0] + ".weight"].Shape[1];
        int outputs = 0;
        foreach (string module in modules)
        {
            outputs += (int)parameters[module + ".weight"].Shape[0];
        }

        var joined = new LinearWeights(new float[inputs * outputs], new float[outputs]);
        int first = 0;
        foreach (string module in modules)
        {
            float scale = first == 0 ? scaleOfFirst : 1;
            ReadOnlySpan<float> weight = parameters[module + ".weight"].Values.Span;
            ReadOnlySpan<float> bias = parameters[module + ".bias"].Values.Span;
            for (int output = 0; output < bias.Length; output++)
            {
                joined.Bias[first + output] = bias[output] * scale;
                for (int input = 0; input < inputs; input++)
                {
                    joined.Matrix[(input * outputs) + first + output] = weight[(output * inputs) + input] * scale;
                }
            }

            first += bias.Length;
        }

        return joined;
    }
}
