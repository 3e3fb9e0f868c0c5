using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Quantization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>Writes the graphs of a model directory. Stateless.</summary>
public static class ServingExport
{
    /// <summary>The name of the file of a variant for the engine in the folder <c>onnx</c> of a model directory.</summary>
    /// <param name="variant">The variant.</param>
    /// <returns><c>serving.onnx</c>, <c>serving_int8.onnx</c> or <c>serving_fp16.onnx</c>.</returns>
    public static string FileNameOf(ServingPrecision variant) => variant switch
    {
        ServingPrecision.Int8 => "serving_int8.onnx",
        ServingPrecision.Float16 => "serving_fp16.onnx",
        _ => "serving.onnx",
    };

    /// <summary>The name of the file of a variant for other programs in the folder <c>onnx</c> of a model directory: what transformers.js looks for.</summary>
    /// <param name="variant">The variant.</param>
    /// <returns><c>model.onnx</c>, <c>model_quantized.onnx</c> or <c>model_fp16.onnx</c>.</returns>
    public static string PortableFileNameOf(ServingPrecision variant) => variant switch
    {
        ServingPrecision.Int8 => "model_quantized.onnx",
        ServingPrecision.Float16 => "model_fp16.onnx",
        _ => "model.onnx",
    };

    /// <summary>
    /// Builds the variants from the directory's <c>config.json</c> and weights and writes them under <c>onnx/</c>, each file whole or
    /// not at all, after all are built. An int8 graph is written where it passes the gate, decided by the directory's
    /// <c>thresholds.json</c> or by 0.5; where it fails, an older file of it is removed, since it would not be this model's.
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
        return Write(checkpoint, directory.LoadTokenizer(), FindThresholds(modelDirectory, labels) ?? LabelThresholds.Uniform(labels), Path.Combine(modelDirectory, "onnx"), options);
    }

    /// <summary>The thresholds of a model directory, or null where it has none.</summary>
    internal static LabelThresholds? FindThresholds(string modelDirectory, EmotionLabels labels)
    {
        string path = ModelDirectory.ThresholdsFileOf(modelDirectory);
        return File.Exists(path) ? LabelThresholds.Load(path, labels) : null;
    }

    /// <summary>Refuses a checkpoint some of whose parameters were made anew when it was read.</summary>
    internal static void RequireTrained(Checkpoint checkpoint, string modelDirectory)
    {
        if (checkpoint.Report.InitializedParameters is [string first, ..])
        {
            Throw.InvalidData($"{modelDirectory}: its weights lack '{first}', expected a trained classifier. Train it first.");
        }
    }

    /// <summary>Writes the graphs of a checkpoint into a folder.</summary>
    internal static ServingExportResult Write(Checkpoint checkpoint, WordPieceTokenizer tokenizer, LabelThresholds thresholds, string folder, ServingExportOptions options, CancellationToken cancellationToken = default)
    {
        options.Validate(thresholds.Labels);
        QuantizationTrial? trial = options.Variants.Contains(ServingPrecision.Int8) ? QuantizationTrial.Prepare(checkpoint, tokenizer, thresholds, options) : null;
        var models = new List<(string Name, ModelProto Model)>();
        var gates = new Dictionary<ServingForm, QuantizationGateResult>();
        foreach ((ServingForm form, ServingPrecision variant) in from form in options.Forms from variant in options.Variants select (form, variant))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ModelProto model = Build(checkpoint, form, variant, trial);
            if (variant == ServingPrecision.Int8)
            {
                gates.Add(form, trial!.Judge(model));
            }

            if (variant != ServingPrecision.Int8 || gates[form].Passed)
            {
                models.Add((NameOf(form, variant), model));
            }
        }

        Directory.CreateDirectory(folder);
        var files = new List<string>();
        foreach ((string name, ModelProto model) in models)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string path = Path.GetFullPath(Path.Combine(folder, name));
            ModelFile.Save(model, path);
            files.Add(path);
        }

        foreach ((ServingForm form, QuantizationGateResult gate) in gates)
        {
            if (!gate.Passed)
            {
                File.Delete(Path.Combine(folder, NameOf(form, ServingPrecision.Int8)));
            }
        }

        return new ServingExportResult(files, gates.GetValueOrDefault(ServingForm.Packed)) { PortableGate = gates.GetValueOrDefault(ServingForm.Masked) };
    }

    private static string NameOf(ServingForm form, ServingPrecision variant) => form == ServingForm.Packed ? FileNameOf(variant) : PortableFileNameOf(variant);

    // In float32 other programs get the graph that was trained, whose initializers bear the names of the parameters.
    private static ModelProto Build(Checkpoint checkpoint, ServingForm form, ServingPrecision variant, QuantizationTrial? trial) =>
        form == ServingForm.Masked && variant == ServingPrecision.Float32
            ? ClassifierGraph.FromCheckpoint(checkpoint).ToModel()
            : ServingGraph.FromCheckpoint(checkpoint, new ServingGraphOptions { Form = form, Precision = variant, Quantization = variant == ServingPrecision.Int8 ? trial!.Quantization : null }).ToModel();
}
