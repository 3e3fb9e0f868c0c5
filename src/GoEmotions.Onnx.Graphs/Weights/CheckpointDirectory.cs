using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>Reads and writes the folder of a Hugging Face checkpoint: <c>config.json</c> and safetensors. Thread-safe.</summary>
public static class CheckpointDirectory
{
    private const string VocabularyFileName = "vocab.txt";

    /// <summary>
    /// Reads a checkpoint. Parameters of the head, and of the pooler, that it lacks are made anew; those of the encoder must be
    /// there. Names may lack the encoder's prefix (<c>bert.</c>), and layer normalizations may have <c>gamma</c> and <c>beta</c>.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How to read; null for the checkpoint's own labels.</param>
    /// <returns>Configuration, parameters and a report.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty, or the labels of the options are not distinct names.</exception>
    /// <exception cref="IOException">The folder or a file does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is wrong, a tensor is missing or has another shape, or labels, vocabulary and tensors do not fit each other.</exception>
    public static Checkpoint Load(string folder, CheckpointLoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new CheckpointLoadOptions();
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException(File.Exists(folder)
                ? $"{folder} is a file, expected the folder of a checkpoint."
                : $"{folder} does not exist, expected the folder of a checkpoint. Check the path.");
        }

        string configPath = Path.Combine(folder, EncoderConfig.FileName);
        EncoderConfig config = EncoderConfig.Load(configPath);
        bool newLabels = options.Labels is not null && !options.Labels.SequenceEqual(config.Labels);
        EncoderConfig target = options.Labels is null ? config : config with { Labels = [.. options.Labels] };
        target.Validate();
        using CheckpointTensors tensors = CheckpointTensors.Open(folder);
        if (target.Labels.Count == 0)
        {
            Throw.InvalidData($"{configPath} names no labels (id2label), expected at least one for the classification head. Give the labels.");
        }

        var assembly = new CheckpointAssembly(folder, target, tensors, headIsNew: newLabels, options.Seed);
        CheckVocabulary(folder, target);
        return assembly.Build();
    }

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c>.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="folder">
    /// The folder. Where it does not exist, it appears with both files or not at all; in an existing one, each file is replaced
    /// whole, the weights first.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="checkpoint"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty, or the configuration is not valid.</exception>
    /// <exception cref="IOException">The files cannot be written.</exception>
    public static void Save(Checkpoint checkpoint, string folder)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (Directory.Exists(folder))
        {
            SaveFiles(checkpoint, folder);
            return;
        }

        using StagedDirectory staged = StagedDirectory.Create(folder);
        SaveFiles(checkpoint, staged.Path);
        staged.Commit();
    }

    private static void SaveFiles(Checkpoint checkpoint, string folder)
    {
        SafetensorsFile.Write(Path.Combine(folder, CheckpointTensors.SingleFileName), checkpoint.Parameters);
        checkpoint.Config.Save(Path.Combine(folder, EncoderConfig.FileName));
    }

    // More rows than pieces are common (padding of the table); fewer would put ids outside it.
    private static void CheckVocabulary(string folder, EncoderConfig config)
    {
        string path = Path.Combine(folder, VocabularyFileName);
        if (!File.Exists(path))
        {
            return;
        }

        int pieces = File.ReadLines(path).Count(line => line.Length > 0);
        if (pieces > config.VocabularySize)
        {
            Throw.InvalidData($"{path} has {pieces} pieces, but the word embeddings have {config.VocabularySize} rows, expected at least as many rows. Use the vocabulary that the checkpoint was trained with.");
        }
    }
}
