using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>The ranges that int8 graphs of a checkpoint are built with, and what they are judged by. Not thread-safe.</summary>
internal sealed class QuantizationTrial
{
    /// <summary>The largest batch of the gate in padded tokens.</summary>
    private const int GateBatchTokens = 2048;

    /// <summary>The longest text of the gate in tokens.</summary>
    private const int GateMaxLength = 512;

    private readonly ServingExportOptions _options;
    private readonly LabelThresholds _thresholds;
    private readonly int[][] _texts;
    private readonly float[] _reference;

    private QuantizationTrial(QuantizationOptions quantization, ServingExportOptions options, LabelThresholds thresholds, int[][] texts, ModelProto reference)
    {
        Quantization = quantization;
        _options = options;
        _thresholds = thresholds;
        _texts = texts;
        _reference = Score(reference);
    }

    public QuantizationOptions Quantization { get; }

    /// <summary>Calibrates, and scores the gate's texts in float32.</summary>
    public static QuantizationTrial Prepare(Checkpoint checkpoint, WordPieceTokenizer tokenizer, LabelThresholds thresholds, ServingExportOptions options)
    {
        QuantizationOptions quantization = ActivationCalibrator.Calibrate(checkpoint, tokenizer, options.CalibrationTexts, options.Calibration);
        int[][] texts = ServingSession.Encode(options.GateDataset!.Select(example => example.Text), tokenizer, Math.Min(checkpoint.Config.MaxPositionEmbeddings, GateMaxLength));
        return new QuantizationTrial(quantization, options, thresholds, texts, ServingGraph.FromCheckpoint(checkpoint).ToModel());
    }

    /// <summary>Judges an int8 graph.</summary>
    public QuantizationGateResult Judge(ModelProto model) => _options.Gate.Judge(_thresholds, _reference, Score(model), _options.GateDataset!.ToTruthMatrix());

    private float[] Score(ModelProto model)
    {
        using var session = new ServingSession(model, _options.Calibration.Threads);
        return session.Score(_texts, _thresholds.Labels.Count, GateBatchTokens);
    }
}
