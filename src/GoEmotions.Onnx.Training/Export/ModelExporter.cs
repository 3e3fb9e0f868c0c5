using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>Writes a trained model in the Hugging Face layout, for this engine and for other programs. Stateless.</summary>
public static class ModelExporter
{
    /// <summary>
    /// Writes config.json, the tokenizer's files, the weights, thresholds.json where the model has one, the graphs under
    /// <c>onnx/</c>, a model card and manifest.json: beside the destination first, then moved there whole. The same model, data
    /// and options give the same bytes, but for a measured latency. An int8 graph that does not pass the gate is left out; the card
    /// says so.
    /// </summary>
    /// <param name="modelDirectory">The trained model: config.json, weights, tokenizer. It is only read.</param>
    /// <param name="destination">The directory to make.</param>
    /// <param name="options">What to write.</param>
    /// <param name="cancellationToken">Ends the export between two graphs or measurements, with nothing written.</param>
    /// <returns>The files and what the gate found.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">A path is null or empty, an option does not fit the model, or the destination is in the model.</exception>
    /// <exception cref="IOException">A file of the model does not exist, or the destination cannot be written or holds files that are not to be replaced.</exception>
    /// <exception cref="InvalidDataException">A file of the model is damaged or is not that of its manifest, or config, weights, tokenizer and thresholds do not fit each other.</exception>
    /// <exception cref="OperationCanceledException">The export was cancelled.</exception>
    public static ModelExportResult Export(string modelDirectory, string destination, ModelExportOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelDirectory);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        RequireElsewhere(modelDirectory, destination);
        StagedDirectory.CheckReplaceable(destination, options.Overwrite ? ModelFiles.Names : null);
        VerifySource(modelDirectory);
        WordPieceTokenizer tokenizer = ModelDirectory.Open(modelDirectory).LoadTokenizer();
        Checkpoint checkpoint = CheckpointDirectory.Load(modelDirectory);
        ServingExport.RequireTrained(checkpoint, modelDirectory);
        EmotionLabels labels = EmotionLabels.Create([.. checkpoint.Config.Labels]);
        LabelThresholds? thresholds = ServingExport.FindThresholds(modelDirectory, labels);
        if (options.Graphs.Variants.Count > 0)
        {
            options.Graphs.Validate(labels);
        }

        RequireLabels(options.Card.Evaluations, labels);
        using StagedDirectory staged = StagedDirectory.Create(destination, options.Overwrite ? ModelFiles.Names : null);
        ModelFiles.WriteCheckpoint(staged.Path, checkpoint, tokenizer, options.WeightType);
        thresholds?.Save(ModelDirectory.ThresholdsFileOf(staged.Path));
        ServingExportResult graphs = options.Graphs.Variants.Count == 0
            ? new ServingExportResult([], null)
            : ServingExport.Write(checkpoint, tokenizer, thresholds ?? LabelThresholds.Uniform(labels), Path.Combine(staged.Path, ModelFiles.OnnxFolderName), options.Graphs, cancellationToken);
        var card = new ModelCard
        {
            Checkpoint = checkpoint,
            Thresholds = thresholds,
            Options = options.Card,
            Graphs = graphs,
            Files = [.. Measure(staged.Path)],
            Evaluations = [.. GraphEvaluation.Measure(staged.Path, options.Graphs.Variants, options.Card.Evaluations, cancellationToken)],
            Latencies = options.Card.MeasuresLatency ? [.. GraphLatency.Measure(staged.Path, options.Graphs.Variants, options.Card.Evaluations)] : [],
        };
        File.WriteAllText(Path.Combine(staged.Path, ModelFiles.CardFileName), card.Write());
        ModelManifest.Write(staged.Path, Measure(staged.Path).Select(file => file.Key));
        KeyValuePair<string, long>[] files = [.. Measure(staged.Path)];
        cancellationToken.ThrowIfCancellationRequested();
        staged.Commit();
        return new ModelExportResult(files, graphs.Gate, graphs.PortableGate);
    }

    private static IEnumerable<KeyValuePair<string, long>> Measure(string directory) =>
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(file => KeyValuePair.Create(Path.GetRelativePath(directory, file).Replace('\\', '/'), new FileInfo(file).Length))
            .OrderBy(file => file.Key, StringComparer.Ordinal);

    // Replacing the model that is read, or a part of it, would lose it with the first mistake.
    private static void RequireElsewhere(string modelDirectory, string destination)
    {
        string model = Path.TrimEndingDirectorySeparator(Path.GetFullPath(modelDirectory));
        string written = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        if (written == model || written.StartsWith(model + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            Throw.Argument($"{destination} is {(written == model ? "the model itself" : $"in the model {modelDirectory}")}, expected a directory elsewhere to write. Choose another.", nameof(destination));
        }
    }

    // Whatever is read; graphs are built anew.
    private static void VerifySource(string modelDirectory)
    {
        if (ModelManifest.Find(modelDirectory) is not { } manifest)
        {
            return;
        }

        manifest.VerifyConfiguration();
        foreach (string file in Directory.EnumerateFiles(modelDirectory, "*.safetensors").Order(StringComparer.Ordinal))
        {
            manifest.VerifyFile(file);
        }
    }

    private static void RequireLabels(IReadOnlyList<EvaluationSplit> evaluations, EmotionLabels labels)
    {
        foreach (EvaluationSplit split in evaluations)
        {
            if (split.Dataset.Count == 0 || !split.Dataset.Labels.Equals(labels))
            {
                Throw.Argument($"the evaluation split '{split.Name}' has {split.Dataset.Count} texts and {split.Dataset.Labels.Count} labels, expected at least one text and the model's {labels.Count} labels in their order. Read it with the model's labels.", nameof(evaluations));
            }
        }
    }
}
