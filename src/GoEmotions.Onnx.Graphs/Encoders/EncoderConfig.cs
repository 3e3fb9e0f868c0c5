using System.Text.Json;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>The configuration of an encoder with a classification head, as a Hugging Face <c>config.json</c> holds it. Immutable.</summary>
public sealed record EncoderConfig
{
    /// <summary>The only <c>problem_type</c> that is trained and served: several labels may hold at once.</summary>
    public const string MultiLabelClassification = "multi_label_classification";

    /// <summary>The name of the file in a checkpoint's folder.</summary>
    public const string FileName = "config.json";

    /// <summary>The number of positions of the sizes that <see cref="Create"/> makes.</summary>
    public const int DefaultMaxPositionEmbeddings = 512;

    /// <summary>The architecture, such as <c>bert</c>; see <see cref="EncoderArchitecture.All"/>.</summary>
    public required string ModelType { get; init; }

    /// <summary>The number of rows of the word embeddings; ids are below it.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The width of a token's hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>The number of encoder layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>The number of attention heads, a divisor of <see cref="HiddenSize"/>.</summary>
    public required int HeadCount { get; init; }

    /// <summary>The width inside the feed-forward part of a layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>The largest sequence length in tokens; callers cut longer texts. A longer one is an ONNX Runtime error in the scope <c>embeddings</c> when the graph runs.</summary>
    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>The number of token types; 0 when the architecture has none (DistilBERT).</summary>
    public int TypeVocabularySize { get; init; }

    /// <summary>The activation in the feed-forward part.</summary>
    public HiddenActivation Activation { get; init; } = HiddenActivation.Gelu;

    /// <summary>What is added to the variance in layer normalizations.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>The standard deviation of fresh weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>The probability of dropping an element of a hidden state in training, in [0, 1).</summary>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>The probability of dropping an attention weight in training, in [0, 1).</summary>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>The probability of dropping an input of the last linear layer in training, in [0, 1).</summary>
    public double ClassifierDropout { get; init; } = 0.1;

    /// <summary>The id of the padding token, whose fresh word embedding is zero.</summary>
    public int PadTokenId { get; init; }

    /// <summary>Whether fresh position embeddings are sines and cosines (DistilBERT's <c>sinusoidal_pos_embds</c>) instead of normal.</summary>
    public bool SinusoidalPositionEmbeddings { get; init; }

    /// <summary>The labels in the order of the outputs; empty when the configuration names none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The width of one attention head.</summary>
    public int HeadSize => HiddenSize / HeadCount;

    /// <summary>The architecture.</summary>
    /// <exception cref="ArgumentException">There is none of that <see cref="ModelType"/>.</exception>
    public EncoderArchitecture Architecture => EncoderArchitecture.Find(ModelType)
        ?? throw new ArgumentException($"model_type is '{ModelType}', expected {EncoderArchitecture.Supported}.");

    /// <summary>A configuration of one of the four sizes.</summary>
    /// <param name="size">The size.</param>
    /// <param name="vocabularySize">The number of pieces in the vocabulary.</param>
    /// <param name="labels">The labels in the order of the outputs.</param>
    /// <param name="modelType">The architecture.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public static EncoderConfig Create(EncoderSize size, int vocabularySize, IReadOnlyList<string> labels, string modelType = "bert")
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(modelType);
        var config = new EncoderConfig
        {
            ModelType = modelType,
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = size.IntermediateSize,
            MaxPositionEmbeddings = DefaultMaxPositionEmbeddings,
            Labels = [.. labels],
        };
        config = config.Architecture.WithDefaults(config);
        config.Validate();
        return config;
    }

    /// <summary>Reads a <c>config.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The configuration, checked.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON object, or a value is missing, of the wrong type, out of range or not supported.</exception>
    public static EncoderConfig Load(string path)
    {
        using JsonDocument document = JsonFile.Load(path, "a Hugging Face config.json");
        var reader = new EncoderConfigReader(document.RootElement, path);
        string modelType = reader.Text("model_type");
        EncoderArchitecture? architecture = EncoderArchitecture.Find(modelType);
        if (architecture is null)
        {
            Throw.InvalidData($"{path}: model_type is '{modelType}', expected {EncoderArchitecture.Supported}. Use a checkpoint of one of these.");
        }

        EncoderConfig config = architecture.ReadConfig(reader) with { Labels = reader.Labels() };
        return config.Problem() is { } problem ? Throw.InvalidData<EncoderConfig>($"{path}: {problem}") : config;
    }

    /// <summary>Writes a <c>config.json</c> that Hugging Face's tools read, whole or not at all.</summary>
    /// <param name="path">The file; an earlier one is replaced.</param>
    /// <exception cref="ArgumentException">The configuration is not valid, or <paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Validate();
        AtomicFile.Write(path, stream =>
        {
            using (var writer = new Utf8JsonWriter(stream, JsonFile.Readable))
            {
                EncoderConfigWriter.Write(writer, this);
            }

            stream.WriteByte((byte)'\n');
        });
    }

    /// <summary>Checks the configuration.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        if (Problem() is { } problem)
        {
            throw new ArgumentException("the encoder configuration: " + problem);
        }
    }

    internal string? Problem()
    {
        foreach ((string name, int value) in new[]
        {
            ("vocab_size", VocabularySize), ("hidden_size", HiddenSize), ("number of layers", LayerCount), ("number of heads", HeadCount),
            ("intermediate size", IntermediateSize), ("max_position_embeddings", MaxPositionEmbeddings),
        })
        {
            if (value <= 0)
            {
                return $"the {name} is {value}, expected 1 or more.";
            }
        }

        foreach ((string name, double value) in new[] { ("hidden", HiddenDropout), ("attention", AttentionDropout), ("classifier", ClassifierDropout) })
        {
            if (!(value >= 0 && value < 1))
            {
                return $"the {name} dropout probability is {value}, expected 0 or more and below 1.";
            }
        }

        return HiddenSize % HeadCount != 0 ? $"hidden_size {HiddenSize} is not divisible by {HeadCount} attention heads, expected a multiple."
            : !(LayerNormEpsilon > 0 && LayerNormEpsilon < 1) ? $"layer_norm_eps is {LayerNormEpsilon}, expected above 0 and below 1."
            : !(InitializerRange > 0 && double.IsFinite(InitializerRange)) ? $"initializer_range is {InitializerRange}, expected a positive number."
            : PadTokenId < 0 || PadTokenId >= VocabularySize ? $"pad_token_id is {PadTokenId}, expected from 0 to {VocabularySize - 1} (vocab_size {VocabularySize})."
            : TypeVocabularySize < 0 ? $"type_vocab_size is {TypeVocabularySize}, expected 0 or more."
            : Labels.FirstOrDefault(string.IsNullOrWhiteSpace) is not null ? "a label is empty, expected names."
            : Labels.Distinct(StringComparer.Ordinal).Count() != Labels.Count ? "a label stands twice, expected distinct names."
            : EncoderArchitecture.Find(ModelType) is not { } architecture ? $"model_type is '{ModelType}', expected {EncoderArchitecture.Supported}."
            : architecture.Problem(this);
    }
}
