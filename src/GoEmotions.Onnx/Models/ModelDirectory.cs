using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Models;

/// <summary>A model directory in the Hugging Face layout: where its files are. Immutable and thread-safe.</summary>
public sealed class ModelDirectory
{
    /// <summary>The folder that the package GoEmotions.Onnx.DefaultModel puts beside the program.</summary>
    private const string DefaultFolder = "goemotions-default-model";

    private ModelDirectory(string path, ModelConfig config)
    {
        Path = path;
        Config = config;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>What <c>config.json</c> says.</summary>
    public ModelConfig Config { get; }

    /// <summary>The path of <c>config.json</c>.</summary>
    public string ConfigFile => System.IO.Path.Combine(Path, "config.json");

    /// <summary>The path of <c>onnx/model.onnx</c>, which need not exist.</summary>
    public string OnnxModelFile => OnnxFile("model.onnx");

    /// <summary>The path of <c>thresholds.json</c> in a model directory, which need not exist.</summary>
    /// <param name="path">The model directory.</param>
    /// <returns>The path.</returns>
    public static string ThresholdsFileOf(string path) => System.IO.Path.Combine(path, "thresholds.json");

    /// <summary>The default model, which the package GoEmotions.Onnx.DefaultModel puts beside the program.</summary>
    /// <returns>The path of its directory, <c>goemotions-default-model</c> in <see cref="AppContext.BaseDirectory"/>.</returns>
    /// <exception cref="DirectoryNotFoundException">It is not there: the program does not reference the package, or was copied without it.</exception>
    public static string FindDefault() => FindDefault(AppContext.BaseDirectory);

    /// <summary>The same beside a program in another folder.</summary>
    internal static string FindDefault(string programFolder)
    {
        string path = System.IO.Path.Combine(programFolder, DefaultFolder);
        if (!Directory.Exists(path))
        {
            Throw.DirectoryNotFound($"{path} does not exist, expected the default model beside the program. Reference the package GoEmotions.Onnx.DefaultModel, which puts it there, or load a model directory of your own.");
        }

        return path;
    }

    /// <summary>Opens a model directory and reads its <c>config.json</c>.</summary>
    /// <param name="path">The directory.</param>
    /// <returns>The directory.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="FileNotFoundException">It has no <c>config.json</c>.</exception>
    /// <exception cref="InvalidDataException">Its <c>config.json</c> is damaged.</exception>
    public static ModelDirectory Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            Throw.DirectoryNotFound(File.Exists(path)
                ? $"{path} is a file, expected a model directory with config.json."
                : $"{path} does not exist, expected a model directory. Make one with 'goemotions init', or check the path.");
        }

        return new ModelDirectory(path, ModelConfig.Load(path));
    }

    /// <summary>Whether the directory has a graph that <see cref="EmotionClassifier.Load"/> may run.</summary>
    /// <param name="options">What it is loaded with; <see langword="null"/> takes the defaults.</param>
    /// <returns><see langword="true"/> where one of the files of <see cref="EmotionClassifierOptions.Variant"/> exists.</returns>
    public bool HasGraph(EmotionClassifierOptions? options = null) =>
        ModelGraph.Candidates(options ?? new EmotionClassifierOptions()).Any(name => File.Exists(OnnxFile(name)));

    /// <summary>The path of a graph in the folder <c>onnx</c>, which need not exist.</summary>
    internal string OnnxFile(string name) => System.IO.Path.Combine(Path, "onnx", name);

    /// <summary>The directory's thresholds, or null where it has none.</summary>
    internal LabelThresholds? FindThresholds(EmotionLabels labels)
    {
        string file = ThresholdsFileOf(Path);
        return File.Exists(file) ? LabelThresholds.Load(file, labels) : null;
    }

    /// <summary>Loads the directory's tokenizer.</summary>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="FileNotFoundException">The directory has no vocabulary.</exception>
    /// <exception cref="InvalidDataException">A file of the tokenizer is damaged, or it has more ids than the encoder has embeddings for.</exception>
    public WordPieceTokenizer LoadTokenizer()
    {
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(Path);
        if (tokenizer.IdCount > Config.VocabularySize)
        {
            Throw.InvalidData($"{Path}: the tokenizer has {tokenizer.IdCount} ids, but 'vocab_size' in config.json is {Config.VocabularySize}, expected no more ids than that. Take the vocabulary that belongs to the model.");
        }

        return tokenizer;
    }
}
