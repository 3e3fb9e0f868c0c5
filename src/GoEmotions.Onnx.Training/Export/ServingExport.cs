using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>Writes the serving graphs of a model directory. Stateless.</summary>
public static class ServingExport
{
    /// <summary>The largest batch of the gate in padded tokens.</summary>
    private const int GateBatchTokens = 2048;

    /// <summary>The longest text of the gate in tokens.</summary>
    private const int GateMaxLength = 512;

    /// <summary>The name of a variant's file in the folder <c>onnx</c> of a model directory.</summary>
    /// <param name="variant">The variant.</param>
    /// <returns><c>serving.onnx</c>, <c>serving_int8.onnx</c> or <c>serving_fp16.onnx</c>.</returns>
    public static string FileNameOf(ServingPrecision variant) => variant switch
    {
        ServingPrecision.Int8 => "serving_int8.onnx",
        ServingPrecision.Float16 => "serving_fp16.onnx",
        _ => "serving.onnx",
    };

    /// <summary>
    /// Builds the variants from the directory's <c>config.json</c> and weights and writes them under <c>onnx/</c>, each file whole or
    /// not at all, after all are built. int8 is written where it passes the gate, decided by the directory's <c>thresholds.json</c>
    /// or by 0.5; where it fails, an older file of it is removed, since it would not be this model's.
    /// </summary>
    /// <param name="modelDirectory">The model directory, with weights, tokenizer and labels.</param>
    /// <param name="options">What to write.</param>
    /// <returns>The files and what the gate found.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">A variant, the calibration texts or the gate's data set do not fit.</exception>
    /// <exception cref="IOException">The directory or one of its files does not exist, or a file cannot be written.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or an activation is not a finite number.</exception>
    public static ServingExportResult Write(string modelDirectory, ServingExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ModelDirectory directory = ModelDirectory.Open(modelDirectory);
        Checkpoint checkpoint = CheckpointDirectory.Load(modelDirectory);
        RequireTrained(checkpoint, modelDirectory);
        EmotionLabels labels = EmotionLabels.Create([.. checkpoint.Config.Labels]);
        options.Validate(labels);
        var models = new Dictionary<ServingPrecision, ModelProto>();
        QuantizationGateResult? gate = null;
        foreach (ServingPrecision variant in options.Variants)
        {
            if (variant == ServingPrecision.Int8)
            {
                (models[variant], gate) = Quantize(checkpoint, directory.LoadTokenizer(), LoadThresholds(modelDirectory, labels), options);
                if (!gate.Passed)
                {
                    models.Remove(variant);
                }

                continue;
            }

            models[variant] = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Precision = variant }).ToModel();
        }

        string folder = Directory.CreateDirectory(Path.Combine(modelDirectory, "onnx")).FullName;
        var files = new List<string>();
        foreach ((ServingPrecision variant, ModelProto model) in models)
        {
            string path = Path.Combine(folder, FileNameOf(variant));
            ModelFile.Save(model, path);
            files.Add(path);
        }

        if (gate is { Passed: false })
        {
            File.Delete(Path.Combine(folder, FileNameOf(ServingPrecision.Int8)));
        }

        return new ServingExportResult(files, gate);
    }

    private static (ModelProto Model, QuantizationGateResult Gate) Quantize(Checkpoint checkpoint, WordPieceTokenizer tokenizer, LabelThresholds thresholds, ServingExportOptions options)
    {
        QuantizationOptions quantization = ActivationCalibrator.Calibrate(checkpoint, tokenizer, options.CalibrationTexts, options.Calibration);
        ModelProto model = ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Precision = ServingPrecision.Int8, Quantization = quantization }).ToModel();
        int[][] texts = ServingSession.Encode(options.GateDataset!.Select(example => example.Text), tokenizer, Math.Min(checkpoint.Config.MaxPositionEmbeddings, GateMaxLength));
        float[] reference = Score(ServingGraph.FromCheckpoint(checkpoint).ToModel());
        float[] variant = Score(model);
        return (model, options.Gate.Judge(thresholds, reference, variant, options.GateDataset!.ToTruthMatrix()));

        float[] Score(ModelProto scored)
        {
            using var session = new ServingSession(scored, options.Calibration.Threads);
            return session.Score(texts, checkpoint.Config.Labels.Count, GateBatchTokens);
        }
    }

    private static LabelThresholds LoadThresholds(string modelDirectory, EmotionLabels labels)
    {
        string path = ModelDirectory.ThresholdsFileOf(modelDirectory);
        return File.Exists(path) ? LabelThresholds.Load(path, labels) : LabelThresholds.Uniform(labels);
    }

    private static void RequireTrained(Checkpoint checkpoint, string modelDirectory)
    {
        if (checkpoint.Report.InitializedParameters is [string first, ..])
        {
            Throw.InvalidData($"{modelDirectory}: its weights lack '{first}', expected a trained classifier. Train it first.");
        }
    }
}
