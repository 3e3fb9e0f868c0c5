using System.Globalization;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>
/// The graph of a classifier for serving: the logits of <see cref="ClassifierGraph"/> for texts of one segment (of any in the masked form), with fewer and
/// larger operators. <c>docs/serving.md</c> has the meaning of each input. Not thread-safe, as its <see cref="Builder"/> is not.
/// </summary>
/// <remarks>
/// Inputs, all int64. Packed: <c>input_ids</c>, <c>position_ids</c> and <c>unpad_index</c> <c>[tokens]</c>, <c>lengths</c>
/// <c>[batch]</c>, <c>pad_index</c> <c>[batch, sequence]</c>. Padded: <c>input_ids</c> <c>[batch, sequence]</c>, <c>lengths</c>
/// <c>[batch]</c>. Masked: <c>input_ids</c>, <c>attention_mask</c> and, where the architecture has them, <c>token_type_ids</c>
/// <c>[batch, sequence]</c>. Output: <c>logits</c>, float32 <c>[batch, labels]</c>.
/// </remarks>
public sealed class ServingGraph
{
    /// <summary>The input of token ids.</summary>
    public const string InputIdsName = ClassifierGraph.InputIdsName;

    /// <summary>The input of each token's place in its text (packed form).</summary>
    public const string PositionIdsName = "position_ids";

    /// <summary>The input of each text's length in tokens.</summary>
    public const string LengthsName = "lengths";

    /// <summary>The input of the row of each padded place (packed form).</summary>
    public const string PadIndexName = "pad_index";

    /// <summary>The input of the padded place of each row (packed form).</summary>
    public const string UnpadIndexName = "unpad_index";

    /// <summary>The output.</summary>
    public const string LogitsName = ClassifierGraph.LogitsName;

    /// <summary>The symbol of the number of tokens of all texts together.</summary>
    public const string TokensSymbol = "tokens";

    /// <summary>The operator set version: the first whose Attention takes lengths. Run with ONNX Runtime 1.31.1.</summary>
    public const int Opset = 24;

    /// <summary>The operator set version of the masked form: ONNX Runtime 1.18 and later load it, their builds for Node and the web included.</summary>
    public const int MaskedOpset = 21;

    /// <summary>The key of the form in the model's metadata: <c>packed</c>, <c>padded</c> or <c>masked</c>.</summary>
    public const string FormKey = "goemotions.form";

    /// <summary>The key of the precision in the model's metadata: <c>float32</c>, <c>int8</c> or <c>float16</c>.</summary>
    public const string PrecisionKey = "goemotions.precision";

    /// <summary>The key of the longest text in tokens in the model's metadata.</summary>
    public const string MaxPositionsKey = "goemotions.max_positions";

    /// <summary>The key of <see cref="QuantizationOptions.WeightBits"/> in the metadata of an int8 model.</summary>
    public const string WeightBitsKey = "goemotions.weight_bits";

    /// <summary>The key of <see cref="QuantizationOptions.Calibration"/> in the metadata of an int8 model.</summary>
    public const string CalibrationKey = "goemotions.calibration";

    private readonly EncoderConfig _config;
    private readonly ServingGraphOptions _options;

    private ServingGraph(EncoderConfig config, ServingGraphOptions options, GraphBuilder builder, GraphValue logits, IReadOnlyDictionary<string, string> activations)
    {
        _config = config;
        _options = options;
        Builder = builder;
        Logits = logits;
        Activations = activations;
    }

    /// <summary>The builder that holds the graph.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>The logits, float32 <c>[batch, labels]</c>.</summary>
    public GraphValue Logits { get; }

    /// <summary>
    /// The values that linear layers take, by a name that is the same for every form and precision: what a calibration observes in
    /// the float32 graph. Each is float32, one row a token (or a text, in the last layer and the head).
    /// </summary>
    public IReadOnlyDictionary<string, string> Activations { get; }

    /// <summary>Builds the graph of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="options">How to build; null for the packed form in float32.</param>
    /// <returns>The graph.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="checkpoint"/> is null.</exception>
    /// <exception cref="ArgumentException">The options contradict each other, a range is missing, or a parameter does not fit float16.</exception>
    /// <exception cref="InvalidDataException">A range is not finite.</exception>
    public static ServingGraph FromCheckpoint(Checkpoint checkpoint, ServingGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        options ??= new ServingGraphOptions();
        options.Validate();
        EncoderConfig config = checkpoint.Config;
        config.Validate();
        var builder = new GraphBuilder(config.ModelType + "_serving", options.Form == ServingForm.Masked ? MaskedOpset : Opset);
        TokenLayout layout = TokenLayout.Create(options.Form, builder, config);
        var layers = new ServingLayers(builder, config, checkpoint.Parameters, options);
        GraphValue logits = new ServingEncoder(builder, config, layers, layout, options.Precision).BuildLogits();
        return new ServingGraph(config, options, builder, builder.Output(logits, LogitsName), layers.Activations);
    }

    /// <summary>Makes the model, with its metadata.</summary>
    /// <returns>The model.</returns>
    public ModelProto ToModel()
    {
        ModelProto model = Builder.ToModel();
        Add(FormKey, _options.Form.ToString().ToLowerInvariant());
        Add(PrecisionKey, _options.Precision.ToString().ToLowerInvariant());
        Add(MaxPositionsKey, _config.MaxPositionEmbeddings.ToString(CultureInfo.InvariantCulture));
        if (_options.Quantization is { } quantization)
        {
            Add(WeightBitsKey, quantization.WeightBits.ToString(CultureInfo.InvariantCulture));
            Add(CalibrationKey, quantization.Calibration);
        }

        return model;

        void Add(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}
