using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics.Tensors;
using GoEmotions.Onnx.Batching;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Sessions;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx;

/// <summary>
/// Scores the emotions of texts: for each label an independent probability (sigmoid), so that several may hold at once.
/// Immutable and thread-safe; concurrent calls share one ONNX Runtime session.
/// </summary>
public sealed class EmotionClassifier : IDisposable
{
    private readonly ClassifierSession _session;
    private readonly ConcurrentBag<BatchWorkspace> _workspaces = [];
    private readonly int _maxBatchTokens;
    private volatile bool _disposed;

    private EmotionClassifier(WordPieceTokenizer tokenizer, EmotionLabels labels, ClassifierSession session, int maxLength, int maxBatchTokens)
    {
        Tokenizer = tokenizer;
        Labels = labels;
        MaxLength = maxLength;
        _session = session;
        _maxBatchTokens = Math.Max(maxBatchTokens, maxLength);
    }

    /// <summary>The labels, in the order of the probabilities.</summary>
    public EmotionLabels Labels { get; }

    /// <summary>The tokenizer of the model.</summary>
    public WordPieceTokenizer Tokenizer { get; }

    /// <summary>The longest sequence in tokens, [CLS] and [SEP] included; longer texts are cut.</summary>
    public int MaxLength { get; }

    /// <summary>Loads a classifier from a model directory: <c>config.json</c>, the tokenizer's files and <c>onnx/model.onnx</c>.</summary>
    /// <param name="modelDirectory">A directory in the Hugging Face layout.</param>
    /// <param name="options">How to run; <see langword="null"/> takes the defaults.</param>
    /// <returns>The classifier; the caller disposes of it.</returns>
    /// <exception cref="ArgumentException"><paramref name="modelDirectory"/> is null or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="FileNotFoundException">The directory lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the files do not fit each other.</exception>
    /// <exception cref="InvalidOperationException">The native ONNX Runtime library cannot be loaded.</exception>
    public static EmotionClassifier Load(string modelDirectory, EmotionClassifierOptions? options = null)
    {
        ModelDirectory directory = ModelDirectory.Open(modelDirectory);
        string model = directory.OnnxModelFile;
        if (!File.Exists(model))
        {
            Throw.FileNotFound($"{model} does not exist, expected the model as ONNX. Write it with 'goemotions init --onnx', or pass the graph to Create.", model);
        }

        EmotionLabels labels = directory.Config.Labels
            ?? Throw.InvalidData<EmotionLabels>($"{directory.ConfigFile}: 'id2label' is missing, expected the names of the model's outputs.");
        return Create(directory.LoadTokenizer(), labels, directory.Config.MaxPositions, options, resolved => ClassifierSession.Open(model, resolved));
    }

    /// <summary>Makes a classifier from a graph in memory.</summary>
    /// <param name="model">
    /// An ONNX model: inputs <c>input_ids</c>, <c>attention_mask</c> and perhaps <c>token_type_ids</c> (int64
    /// <c>[batch, sequence]</c>), output <c>logits</c> (float <c>[batch, labels]</c>). It is copied.
    /// </param>
    /// <param name="tokenizer">The tokenizer with the model's vocabulary.</param>
    /// <param name="labels">The names of the logits, in their order.</param>
    /// <param name="maxPositions">The longest sequence in tokens that the encoder has positions for, or <see langword="null"/> where it has no limit.</param>
    /// <param name="options">How to run; <see langword="null"/> takes the defaults.</param>
    /// <returns>The classifier; the caller disposes of it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidDataException">The model is damaged, or does not fit the labels.</exception>
    /// <exception cref="InvalidOperationException">The native ONNX Runtime library cannot be loaded.</exception>
    public static EmotionClassifier Create(byte[] model, WordPieceTokenizer tokenizer, EmotionLabels labels, int? maxPositions = null, EmotionClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(labels);
        return Create(tokenizer, labels, maxPositions, options, resolved => ClassifierSession.Open(model, resolved));
    }

    /// <summary>Scores one text.</summary>
    /// <param name="text">The text; what exceeds <see cref="MaxLength"/> tokens is cut.</param>
    /// <param name="probabilities">The destination, <c>[labels]</c>: a probability in [0, 1] each.</param>
    /// <exception cref="ArgumentException"><paramref name="probabilities"/> is shorter than the number of labels.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public void Score(ReadOnlySpan<char> text, Span<float> probabilities)
    {
        Span<float> logits = Destination(probabilities, texts: 1);
        ObjectDisposedException.ThrowIf(_disposed, this);
        BatchWorkspace workspace = Rent();
        try
        {
            workspace.Batch.Encode(Tokenizer, text, MaxLength);
            _session.Run(workspace.Batch, logits);
        }
        finally
        {
            Return(workspace);
        }

        TensorPrimitives.Sigmoid(logits, logits);
    }

    /// <summary>Scores texts in batches of like length, and answers in the caller's order.</summary>
    /// <param name="texts">The texts; what exceeds <see cref="MaxLength"/> tokens is cut.</param>
    /// <param name="probabilities">The destination, row-major <c>[texts, labels]</c>: a probability in [0, 1] each.</param>
    /// <exception cref="ArgumentException"><paramref name="probabilities"/> is shorter than texts x labels, or a text is null.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public void Score(ReadOnlySpan<string> texts, Span<float> probabilities)
    {
        Span<float> logits = Destination(probabilities, texts.Length);
        ScoreLogits(texts, logits);
        if (!logits.IsEmpty)
        {
            TensorPrimitives.Sigmoid(logits, logits);
        }
    }

    /// <summary>The logits behind <see cref="Score(ReadOnlySpan{string}, Span{float})"/>, before the sigmoid: what a loss needs.</summary>
    /// <param name="texts">The texts; what exceeds <see cref="MaxLength"/> tokens is cut.</param>
    /// <param name="logits">The destination, row-major <c>[texts, labels]</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="logits"/> is shorter than texts x labels, or a text is null.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public void ScoreLogits(ReadOnlySpan<string> texts, Span<float> logits)
    {
        Span<float> destination = Destination(logits, texts.Length);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (texts.IsEmpty)
        {
            return;
        }

        BatchWorkspace workspace = Rent();
        float[] batchLogits = ArrayPool<float>.Shared.Rent(Math.Min(texts.Length, _maxBatchTokens / 2) * Labels.Count);
        try
        {
            workspace.Texts.Encode(Tokenizer, texts, MaxLength);
            for (int start = 0; start < texts.Length;)
            {
                int rows = workspace.Texts.FillBatch(workspace.Batch, start, _maxBatchTokens, Tokenizer.PadTokenId);
                Span<float> scored = batchLogits.AsSpan(0, rows * Labels.Count);
                _session.Run(workspace.Batch, scored);
                for (int row = 0; row < rows; row++)
                {
                    int text = workspace.Texts.TextIndexAt(start + row);
                    scored.Slice(row * Labels.Count, Labels.Count).CopyTo(destination[(text * Labels.Count)..]);
                }

                start += rows;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(batchLogits);
            Return(workspace);
        }
    }

    /// <summary>Frees the session. Calls in flight must have ended.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        while (_workspaces.TryTake(out BatchWorkspace? workspace))
        {
            workspace.Dispose();
        }

        _session.Dispose();
    }

    private static EmotionClassifier Create(
        WordPieceTokenizer tokenizer,
        EmotionLabels labels,
        int? maxPositions,
        EmotionClassifierOptions? options,
        Func<EmotionClassifierOptions, ClassifierSession> open)
    {
        options ??= new EmotionClassifierOptions();
        options.Validate();
        int limit = Math.Min(tokenizer.MaxLength, maxPositions ?? int.MaxValue);
        if (options.MaxLength > limit)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.MaxLength, $"MaxLength is {options.MaxLength} tokens, the model takes at most {limit}. Lower MaxLength or leave it out.");
        }

        ClassifierSession session = open(options);
        if (session.LabelCount >= 0 && session.LabelCount != labels.Count)
        {
            int found = session.LabelCount;
            session.Dispose();
            Throw.InvalidData($"the model has {found} outputs, its labels are {labels.Count}. Do config.json and the graph belong together?");
        }

        return new EmotionClassifier(tokenizer, labels, session, options.MaxLength ?? Math.Min(limit, 512), options.MaxBatchTokens);
    }

    private Span<float> Destination(Span<float> destination, int texts)
    {
        int needed = checked(texts * Labels.Count);
        if (destination.Length < needed)
        {
            Throw.Argument($"the destination has {destination.Length} elements, expected at least {needed} ({texts} texts x {Labels.Count} labels).", nameof(destination));
        }

        return destination[..needed];
    }

    private BatchWorkspace Rent() => _workspaces.TryTake(out BatchWorkspace? workspace) ? workspace : new BatchWorkspace(_maxBatchTokens);

    private void Return(BatchWorkspace workspace)
    {
        if (_disposed)
        {
            workspace.Dispose();
            return;
        }

        _workspaces.Add(workspace);
    }
}
