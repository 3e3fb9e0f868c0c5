using System.Globalization;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Quantization;
using Google.Protobuf;

namespace GoEmotions.Onnx.Benchmarks.Engine;

/// <summary>A BERT classifier of random weights (speed does not depend on them) as every graph that is measured.</summary>
internal sealed class BenchmarkModel
{
    private const int CalibrationTexts = 64;

    private readonly Dictionary<ServingPrecision, byte[]> _serving = [];
    private byte[]? _plain;

    public BenchmarkModel(EncoderSize size, BenchmarkTexts texts)
    {
        Texts = texts;
        Config = EncoderConfig.Create(size, texts.Tokenizer.IdCount, [.. EmotionLabels.GoEmotions]);
        Checkpoint = Checkpoint.CreateRandom(Config, seed: 1);
    }

    public BenchmarkTexts Texts { get; }

    public EncoderConfig Config { get; }

    public Checkpoint Checkpoint { get; }

    /// <summary>Layers x hidden size.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Config.LayerCount}x{Config.HiddenSize}");

    /// <summary>The graph as it is trained and as others export it: padded, mask and token types as inputs, float32.</summary>
    public byte[] Plain => _plain ??= ClassifierGraph.FromCheckpoint(Checkpoint).ToModel().ToByteArray();

    /// <summary>The packed serving graph.</summary>
    public byte[] Serving(ServingPrecision precision)
    {
        if (!_serving.TryGetValue(precision, out byte[]? model))
        {
            QuantizationOptions? quantization = precision == ServingPrecision.Int8
                ? ActivationCalibrator.Calibrate(Checkpoint, Texts.Tokenizer, Texts.Texts.Take(CalibrationTexts))
                : null;
            model = ServingGraph.FromCheckpoint(Checkpoint, new ServingGraphOptions { Precision = precision, Quantization = quantization }).ToModel().ToByteArray();
            _serving.Add(precision, model);
        }

        return model;
    }

    /// <summary>The engine over the packed serving graph; the caller disposes of it.</summary>
    public EmotionClassifier CreateClassifier(ServingPrecision precision, EmotionClassifierOptions? options = null) =>
        EmotionClassifier.Create(Serving(precision), Texts.Tokenizer, EmotionLabels.GoEmotions, Config.MaxPositionEmbeddings, options);
}
