using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>The layers of a serving graph in the precision asked for. Hidden states are rows, <c>[rows, width]</c>.</summary>
internal sealed class ServingLayers(GraphBuilder builder, EncoderConfig config, ParameterSet parameters, ServingGraphOptions options)
{
    private readonly Dictionary<string, string> _activations = new(StringComparer.Ordinal);

    /// <summary>The values that linear layers take, by the names that their ranges go by.</summary>
    public IReadOnlyDictionary<string, string> Activations => _activations;

    private int WeightLimit => options.Quantization!.WeightBits == 7 ? 64 : 127;

    // Other programs know the standard's operators alone. ONNX Runtime makes one integer product (QGemm) of a Gemm of dequantized
    // operands that has no float bias and a zero point for both; else it dequantizes the weights at each run. 8 texts of 16 tokens at
    // 2x128 in ONNX Runtime 1.30 for Node: 0.44 ms, without zero points 1.45, MatMul and Add 1.44; float32 1.24.
    private bool IsPortable => options.Form == ServingForm.Masked;

    private bool HalfPrecision => options.Precision == ServingPrecision.Float16;

    /// <summary>What a linear layer takes: the value itself or, in int8, its codes.</summary>
    public GraphValue Feed(GraphValue value, string activation)
    {
        _activations.Add(activation, value.Name);
        if (!IsInt8(activation))
        {
            return value;
        }

        (float scale, byte zeroPoint) = Range(activation);
        return builder.Node("QuantizeLinear", [value, builder.Scalar(scale), builder.Scalar(zeroPoint)]);
    }

    /// <summary>Linear layers over one input, their results side by side.</summary>
    /// <param name="fed">The input, as <see cref="Feed"/> gave it.</param>
    /// <param name="activation">The name it was fed under.</param>
    /// <param name="modules">The layers.</param>
    public GraphValue Linear(GraphValue fed, string activation, params ReadOnlySpan<string> modules) => Linear(fed, activation, 1, modules);

    /// <summary>The same, with the first layer's results scaled.</summary>
    public GraphValue Linear(GraphValue fed, string activation, float scaleOfFirst, params ReadOnlySpan<string> modules)
    {
        string name = modules.Length == 1 ? modules[0] : string.Join('+', modules.ToArray());
        if (IsInt8(activation))
        {
            return Int8Linear(fed, activation, LinearWeights.Join(parameters, modules), name, scaleOfFirst, firstOutputs: (int)parameters[modules[0] + ".weight"].Shape[0]);
        }

        LinearWeights weights = LinearWeights.Join(parameters, modules, scaleOfFirst);
        return builder.Node("Gemm", [fed, Weight(name + ".weight", weights.Matrix, weights.Inputs, weights.Outputs), Weight(name + ".bias", weights.Bias, weights.Outputs)]);
    }

    // The codes are those of the weights as they are, whatever the scale: every form computes with the same ones.
    private GraphValue Int8Linear(GraphValue fed, string activation, LinearWeights weights, string name, float scaleOfFirst, int firstOutputs)
    {
        (float scale, byte zeroPoint) = Range(activation);
        (sbyte[] codes, float[] scales) = SymmetricQuantization.ByColumn(weights.Matrix, weights.Outputs, WeightLimit);
        for (int output = 0; output < firstOutputs; output++)
        {
            scales[output] *= scaleOfFirst;
            weights.Bias[output] *= scaleOfFirst;
        }

        GraphValue codesValue = builder.Initializer<sbyte>(name + ".weight_codes", codes, weights.Inputs, weights.Outputs);
        GraphValue scalesValue = builder.Initializer<float>(name + ".weight_scales", scales, weights.Outputs);
        GraphValue bias = builder.Initializer<float>(name + ".bias", weights.Bias, weights.Outputs);
        if (!IsPortable)
        {
            return builder.Node(GraphBuilder.MicrosoftDomain, "MatMulIntegerToFloat", [fed, codesValue, builder.Scalar(scale), scalesValue, builder.Scalar(zeroPoint), null, bias], 1)[0];
        }

        GraphValue values = builder.Node("DequantizeLinear", [fed, builder.Scalar(scale), builder.Scalar(zeroPoint)]);
        GraphValue zeroPoints = builder.Initializer<sbyte>(name + ".weight_zero_points", new sbyte[weights.Outputs], weights.Outputs);
        GraphValue matrix = builder.Node("DequantizeLinear", [codesValue, scalesValue, zeroPoints], ("axis", 1L));
        return builder.Node("Add", [builder.Node("Gemm", [values, matrix]), bias]);
    }

    public GraphValue Words(GraphValue inputIds, string module)
    {
        ReadOnlySpan<float> table = parameters[module + ".weight"].Values.Span;
        if (options.Quantization is not { QuantizesWordEmbeddings: true })
        {
            return builder.Node("Gather", [Weight(module + ".weight", table, config.VocabularySize, config.HiddenSize), inputIds]);
        }

        (sbyte[] codes, float[] scales) = SymmetricQuantization.ByRow(table, config.HiddenSize, 127);
        GraphValue rows = builder.Node("Gather", [builder.Initializer<sbyte>(module + ".weight_codes", codes, config.VocabularySize, config.HiddenSize), inputIds]);
        GraphValue rowScales = builder.Node("Gather", [builder.Initializer<float>(module + ".weight_scales", scales, config.VocabularySize, 1), inputIds]);
        return builder.Node("Mul", [builder.Node("Cast", [rows], ("to", ElementType.Float32)), rowScales]);
    }

    /// <summary>Rows of a table that is stored as it is.</summary>
    public GraphValue Rows(string module, GraphValue indices)
    {
        Parameter table = parameters[module + ".weight"];
        return builder.Node("Gather", [Weight(table.Name, table.Values.Span, [.. table.Shape]), indices]);
    }

    /// <summary>The position table, with the row of token type 0 added where a module is given: every text has one segment then.</summary>
    public GraphValue Positions(string module, string? tokenTypes)
    {
        float[] table = parameters[module + ".weight"].Values.ToArray();
        if (tokenTypes is not null)
        {
            ReadOnlySpan<float> type = parameters[tokenTypes + ".weight"].Values.Span[..config.HiddenSize];
            for (int index = 0; index < table.Length; index++)
            {
                table[index] += type[index % type.Length];
            }
        }

        return Weight(module + ".weight", table, config.MaxPositionEmbeddings, config.HiddenSize);
    }

    public GraphValue LayerNorm(GraphValue value, string module) => builder.Node(
        "LayerNormalization",
        [
            value,
            Weight(module + ".weight", parameters[module + ".weight"].Values.Span, config.HiddenSize),
            Weight(module + ".bias", parameters[module + ".bias"].Values.Span, config.HiddenSize),
        ],
        ("axis", -1L),
        ("epsilon", (float)config.LayerNormEpsilon));

    public GraphValue Activate(GraphValue value) => config.Activation switch
    {
        HiddenActivation.Relu => builder.Node("Relu", [value]),
        HiddenActivation.GeluTanh => builder.Node("Gelu", [value], ("approximate", "tanh")),
        _ => builder.Node("Gelu", [value]),
    };

    /// <summary>Whether an activation is fed as int8 codes.</summary>
    public bool IsInt8(string activation) =>
        options.Precision == ServingPrecision.Int8 && activation != ServingEncoder.ClassifierActivation && (activation != ServingEncoder.HeadActivation || options.Quantization!.QuantizesHead);

    private (float Scale, byte ZeroPoint) Range(string activation)
    {
        if (!options.Quantization!.Ranges.TryGetValue(activation, out ActivationRange range))
        {
            Throw.Argument($"there is no range for activation '{activation}' among {options.Quantization.Ranges.Count}, expected one for each of the graph's activations. Calibrate on a float32 graph of this checkpoint.", nameof(QuantizationOptions.Ranges));
        }

        return range.ToUInt8();
    }

    private GraphValue Weight(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        if (!HalfPrecision)
        {
            return builder.Initializer(name, values, shape);
        }

        var half = new Half[values.Length];
        for (int index = 0; index < half.Length; index++)
        {
            half[index] = (Half)values[index];
            if (!Half.IsFinite(half[index]))
            {
                Throw.Argument($"parameter '{name}' holds {values[index]}, expected magnitudes below {(float)Half.MaxValue} for float16. Write another precision.", nameof(values));
            }
        }

        return builder.Initializer<Half>(name, half, shape);
    }
}
