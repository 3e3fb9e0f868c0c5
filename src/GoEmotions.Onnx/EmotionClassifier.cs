using System.Numerics.Tensors;
using GoEmotions.Onnx.Batching;
using GoEmotions.Onnx.Diagnostics;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Sessions;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx;

/// <summary>
/// Scores the emotions of texts: for each label an independent probability (sigmoid), so that several may hold at once.
/// Immutable and thread-safe; concurrent calls share one ONNX Runtime session, and the <c>Score</c> methods allocate no
/// managed memory. Its memory is that of <see cref="EmotionClassifierOptions"/>, whatever the calls.
/// </summary>
public sealed class EmotionClassifier : IDisposable
{
    private readonly ClassifierSession _session;
    private readonly FifoPool<RunContext> _contexts;
    private readonly FifoPool<TextRows> _rows;
    private readonly int _maxTexts;
    private readonly MicroBatcherOptions _microBatching;
    private readonly Lock _batcherGate = new();
    private volatile MicroBatcher? _batcher;
    private bool _disposed;

    private EmotionClassifier(WordPieceTokenizer tokenizer, LabelThresholds thresholds, ClassifierSession session, LongTextWindows windows, EmotionClassifierOptions options, string? modelFile, long modelSizeInBytes)
    {
        ModelFile = modelFile;
        ModelName = NameOf(modelFile);
        Tokenizer = tokenizer;
        Thresholds = thresholds;
        MaxLength = windows.MaxLength;
        Concurrency = options.ResolveConcurrency();
        _session = session;
        Windows = windows;
        MaxBatchTokens = options.ResolveBatchTokens(modelSizeInBytes);
        _microBatching = options.MicroBatching;
        _maxTexts = options.MaxTexts ?? int.MaxValue;
        var capacity = RunCapacity.Create(MaxBatchTokens, windows.MaxLength, session.Inputs.IsPacked);
        _contexts = new FifoPool<RunContext>(Concurrency, () => new RunContext(session.Inputs, capacity, Labels.Count));

        // One more than runs, so that a call tokenizes while others run.
        _rows = new FifoPool<TextRows>(Concurrency + 1, () => new TextRows(windows, Labels.Count));
    }

    /// <summary>The labels, in the order of the probabilities.</summary>
    public EmotionLabels Labels => Thresholds.Labels;

    /// <summary>What <c>Predict</c> decides by.</summary>
    public LabelThresholds Thresholds { get; }

    /// <summary>The tokenizer of the model.</summary>
    public WordPieceTokenizer Tokenizer { get; }

    /// <summary>The longest sequence in tokens, [CLS] and [SEP] included; what is longer is dealt with by <see cref="EmotionClassifierOptions.LongTexts"/>.</summary>
    public int MaxLength { get; }

    /// <summary>How many runs go on at once; further calls wait their turn.</summary>
    public int Concurrency { get; }

    /// <summary>The file of the graph that is run, or <see langword="null"/> for a graph from memory.</summary>
    public string? ModelFile { get; }

    /// <summary>The most tokens that wait for <see cref="ScoreAsync"/>; what exceeds them is refused.</summary>
    public int MaxQueueTokens => MicroBatcher.QueueLimit(this, _microBatching);

    /// <summary>The tokens that wait for <see cref="ScoreAsync"/> now; those being scored are not counted.</summary>
    public int QueuedTokens => _batcher?.QueuedTokens ?? 0;

    /// <summary>The texts that wait for <see cref="ScoreAsync"/> now; those being scored are not counted.</summary>
    public int QueuedTexts => _batcher?.QueuedTexts ?? 0;

    /// <summary>What metrics and traces call the model: its directory's name and its file's.</summary>
    internal string ModelName { get; }

    /// <summary>How long texts are divided.</summary>
    internal LongTextWindows Windows { get; }

    /// <summary>The largest batch in tokens.</summary>
    internal int MaxBatchTokens { get; }

    /// <summary>
    /// Loads a classifier from a model directory: <c>config.json</c>, the tokenizer's files, a graph under <c>onnx/</c>, and where
    /// they are there <c>thresholds.json</c> and <c>manifest.json</c>, against which the files are verified.
    /// </summary>
    /// <param name="modelDirectory">A directory in the Hugging Face layout.</param>
    /// <param name="options">How to run; <see langword="null"/> takes the defaults.</param>
    /// <returns>The classifier; the caller disposes of it.</returns>
    /// <exception cref="ArgumentException"><paramref name="modelDirectory"/> is null or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="FileNotFoundException">The directory lacks a file.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged or is not that of the manifest, the files do not fit each other, or the graph is refused: it refers to
    /// files outside its folder, or has sparse tensors or operators that are not ONNX Runtime's own.
    /// </exception>
    /// <exception cref="InvalidOperationException">The native ONNX Runtime library, or the execution provider, cannot be had.</exception>
    public static EmotionClassifier Load(string modelDirectory, EmotionClassifierOptions? options = null)
    {
        options ??= new EmotionClassifierOptions();
        options.Validate();
        ModelManifest? manifest = ModelManifest.Find(modelDirectory);
        manifest?.VerifyConfiguration();
        ModelDirectory directory = ModelDirectory.Open(modelDirectory);
        ModelGraph graph = ModelGraph.Choose(directory, options, manifest);
        EmotionLabels labels = directory.Config.Labels
            ?? Throw.InvalidData<EmotionLabels>($"{directory.ConfigFile}: 'id2label' is missing, expected the names of the model's outputs.");
        LabelThresholds thresholds = options.Thresholds ?? directory.FindThresholds(labels) ?? LabelThresholds.Uniform(labels);
        return Create(directory.LoadTokenizer(), labels, thresholds, directory.Config.MaxPositions, options, () => ClassifierSession.Open(graph.File, graph.Summary, options), graph.File, new FileInfo(graph.File).Length);
    }

    /// <summary>
    /// Loads the default model: a compact English one of the 28 labels of GoEmotions, which the package
    /// GoEmotions.Onnx.DefaultModel puts beside the program.
    /// </summary>
    /// <inheritdoc cref="Load"/>
    /// <param name="options">How to run; <see langword="null"/> takes the defaults.</param>
    /// <exception cref="DirectoryNotFoundException">The program has no default model beside it: it does not reference the package, or was copied without it.</exception>
    public static EmotionClassifier LoadDefault(EmotionClassifierOptions? options = null) => Load(ModelDirectory.FindDefault(), options);

    /// <summary>Makes a classifier from a graph in memory.</summary>
    /// <param name="model">
    /// An ONNX model: inputs <c>input_ids</c>, <c>attention_mask</c> and perhaps <c>token_type_ids</c> (int64
    /// <c>[batch, sequence]</c>), or those of a serving graph; output <c>logits</c> (float <c>[batch, labels]</c>). It is copied.
    /// </param>
    /// <param name="tokenizer">The tokenizer with the model's vocabulary.</param>
    /// <param name="labels">The names of the logits, in their order.</param>
    /// <param name="maxPositions">The longest sequence in tokens that the encoder has positions for, or <see langword="null"/> where it has no limit.</param>
    /// <param name="options">How to run; <see langword="null"/> takes the defaults.</param>
    /// <returns>The classifier; the caller disposes of it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidDataException">The model is damaged or refused, or does not fit the labels.</exception>
    /// <exception cref="InvalidOperationException">The native ONNX Runtime library, or the execution provider, cannot be had.</exception>
    public static EmotionClassifier Create(byte[] model, WordPieceTokenizer tokenizer, EmotionLabels labels, int? maxPositions = null, EmotionClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new EmotionClassifierOptions();
        options.Validate();
        const string Source = "the model";
        return Create(
            tokenizer,
            labels,
            options.Thresholds ?? LabelThresholds.Uniform(labels),
            maxPositions,
            options,
            () => ClassifierSession.Open(model, Source, OnnxScreening.ScreenBytes(model, Source), options),
            modelFile: null,
            model.Length);
    }

    /// <summary>Scores one text.</summary>
    /// <param name="text">The text; what exceeds <see cref="MaxLength"/> tokens is dealt with by <see cref="EmotionClassifierOptions.LongTexts"/>.</param>
    /// <param name="probabilities">The destination, <c>[labels]</c>: a probability in [0, 1] each.</param>
    /// <returns>What the model saw of the text.</returns>
    /// <exception cref="ArgumentException"><paramref name="probabilities"/> is shorter than the number of labels.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public ScoredText Score(ReadOnlySpan<char> text, Span<float> probabilities)
    {
        Span<float> logits = Destination(probabilities, texts: 1);
        return ScoreText(text, logits, sigmoid: true);
    }

    /// <summary>Scores texts in batches of like length, and answers in the caller's order.</summary>
    /// <param name="texts">The texts; what exceeds <see cref="MaxLength"/> tokens is dealt with by <see cref="EmotionClassifierOptions.LongTexts"/>.</param>
    /// <param name="probabilities">The destination, row-major <c>[texts, labels]</c>: a probability in [0, 1] each.</param>
    /// <exception cref="ArgumentException"><paramref name="probabilities"/> is shorter than texts x labels, a text is null, or there are more texts than <see cref="EmotionClassifierOptions.MaxTexts"/>.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public void Score(ReadOnlySpan<string> texts, Span<float> probabilities) => ScoreTexts(texts, probabilities, [], sigmoid: true);

    /// <summary>Scores texts, and says what the model saw of each.</summary>
    /// <inheritdoc cref="Score(ReadOnlySpan{string}, Span{float})"/>
    /// <param name="texts">The texts.</param>
    /// <param name="probabilities">The destination, row-major <c>[texts, labels]</c>: a probability in [0, 1] each.</param>
    /// <param name="scored">The destination of what was seen, <c>[texts]</c>.</param>
    /// <exception cref="ArgumentException">A destination is too short, a text is null, or there are more texts than <see cref="EmotionClassifierOptions.MaxTexts"/>.</exception>
    public void Score(ReadOnlySpan<string> texts, Span<float> probabilities, Span<ScoredText> scored)
    {
        if (scored.Length < texts.Length)
        {
            Throw.Argument($"'scored' has {scored.Length} elements, expected at least {texts.Length} (one per text).", nameof(scored));
        }

        ScoreTexts(texts, probabilities, scored, sigmoid: true);
    }

    /// <summary>The logits behind <see cref="Score(ReadOnlySpan{char}, Span{float})"/>, before the sigmoid.</summary>
    /// <param name="text">The text.</param>
    /// <param name="logits">The destination, <c>[labels]</c>.</param>
    /// <returns>What the model saw of the text.</returns>
    /// <exception cref="ArgumentException"><paramref name="logits"/> is shorter than the number of labels.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public ScoredText ScoreLogits(ReadOnlySpan<char> text, Span<float> logits)
    {
        Span<float> destination = Destination(logits, texts: 1);
        return ScoreText(text, destination, sigmoid: false);
    }

    /// <summary>The logits behind <see cref="Score(ReadOnlySpan{string}, Span{float})"/>, before the sigmoid: what a loss needs.</summary>
    /// <param name="texts">The texts; what exceeds <see cref="MaxLength"/> tokens is dealt with by <see cref="EmotionClassifierOptions.LongTexts"/>.</param>
    /// <param name="logits">The destination, row-major <c>[texts, labels]</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="logits"/> is shorter than texts x labels, a text is null, or there are more texts than <see cref="EmotionClassifierOptions.MaxTexts"/>.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public void ScoreLogits(ReadOnlySpan<string> texts, Span<float> logits) => ScoreTexts(texts, logits, [], sigmoid: false);

    /// <summary>Scores one text and decides by <see cref="Thresholds"/> which labels hold. Allocates its result.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The labels that hold, and the probability of each.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public EmotionPrediction Predict(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        float[] probabilities = new float[Labels.Count];
        ScoredText scored = Score(text, probabilities);
        return new EmotionPrediction(text, Thresholds, probabilities, scored);
    }

    /// <summary>Scores texts in batches and decides by <see cref="Thresholds"/> which labels hold. Allocates its results.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>For each text, in the caller's order, the labels that hold and the probability of each.</returns>
    /// <exception cref="ArgumentException">A text is null, or there are more than <see cref="EmotionClassifierOptions.MaxTexts"/>.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public IReadOnlyList<EmotionPrediction> Predict(ReadOnlySpan<string> texts)
    {
        float[] probabilities = new float[checked(texts.Length * Labels.Count)];
        var scored = new ScoredText[texts.Length];
        Score(texts, probabilities, scored);
        var predictions = new EmotionPrediction[texts.Length];
        for (int text = 0; text < predictions.Length; text++)
        {
            predictions[text] = new EmotionPrediction(texts[text], Thresholds, probabilities.AsSpan(text * Labels.Count, Labels.Count), scored[text]);
        }

        return predictions;
    }

    /// <summary>Scores a text together with those of other callers, by a <see cref="MicroBatcher"/> of <see cref="EmotionClassifierOptions.MicroBatching"/>.</summary>
    /// <param name="text">The text, which is read before this returns.</param>
    /// <param name="probabilities">The destination, <c>[labels]</c>: a probability in [0, 1] each; the caller leaves it alone until the task is done.</param>
    /// <param name="cancellationToken">Cancels the request while it waits; one whose run has begun is answered.</param>
    /// <returns>What the model saw of the text; to be awaited once.</returns>
    /// <exception cref="ArgumentException"><paramref name="probabilities"/> is shorter than the number of labels.</exception>
    /// <exception cref="MicroBatcherFullException">Too many tokens wait already (by the task).</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled (by the task).</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error (by the task).</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public ValueTask<ScoredText> ScoreAsync(ReadOnlyMemory<char> text, Memory<float> probabilities, CancellationToken cancellationToken = default) =>
        (_batcher ?? StartBatcher()).ScoreAsync(text, probabilities, cancellationToken);

    /// <summary>Scores a stream of texts and decides by <see cref="Thresholds"/> which labels hold, in the stream's order.</summary>
    /// <param name="texts">
    /// The texts. As many as are there without waiting, at most 256, are scored together; when the source makes wait, those that
    /// came before are answered meanwhile. No more than that is held.
    /// </param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>For each text the labels that hold, and the probability of each.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="texts"/> is null.</exception>
    /// <exception cref="ArgumentException">A text is null.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    /// <exception cref="OperationCanceledException">The stream was cancelled.</exception>
    public IAsyncEnumerable<EmotionPrediction> PredictAsync(IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return PredictionStream.Run(this, texts, cancellationToken);
    }

    /// <summary>Waits for the calls that are under way, and frees the session; later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        MicroBatcher? batcher;
        lock (_batcherGate)
        {
            _disposed = true;
            batcher = _batcher;
        }

        // In this order: who holds requests or rows still needs a context.
        batcher?.Dispose();
        _rows.Dispose();
        _contexts.Dispose();
        _session.Dispose();
    }

    /// <summary>Runs the rows from <paramref name="start"/> on that fit a batch, and collects their logits.</summary>
    /// <returns>The number of rows.</returns>
    /// <remarks>A context is rented for each batch anew, so that a call of many texts lets others in between.</remarks>
    internal int RunBatch(TextRows rows, int start, Span<float> logits)
    {
        RunContext context = _contexts.Rent(this);
        try
        {
            int count = rows.FillBatch(context, start, Tokenizer);
            Run(context);
            rows.Collect(context.Logits, start, logits);
            return count;
        }
        finally
        {
            _contexts.Return(context);
        }
    }

    /// <summary>Refuses a destination that is too short.</summary>
    internal int CheckDestination(int length, int texts)
    {
        int needed = checked(texts * Labels.Count);
        if (length < needed)
        {
            Throw.Argument($"the destination has {length} elements, expected at least {needed} ({texts} texts x {Labels.Count} labels).", "probabilities");
        }

        return needed;
    }

    private static EmotionClassifier Create(
        WordPieceTokenizer tokenizer,
        EmotionLabels labels,
        LabelThresholds thresholds,
        int? maxPositions,
        EmotionClassifierOptions options,
        Func<ClassifierSession> open,
        string? modelFile,
        long modelSizeInBytes)
    {
        int limit = Math.Min(tokenizer.MaxLength, maxPositions ?? int.MaxValue);
        if (options.MaxLength > limit)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.MaxLength, $"MaxLength is {options.MaxLength} tokens, the model takes at most {limit}. Lower MaxLength or leave it out.");
        }

        if (!thresholds.Labels.Equals(labels))
        {
            Throw.Argument($"the thresholds are of {thresholds.Labels.Count} labels ('{thresholds.Labels[0]}' ...), expected those of the model ({labels.Count}, '{labels[0]}' ...). Tune them on this model.", nameof(options));
        }

        var windows = new LongTextWindows(options.LongTexts, options.MaxLength ?? Math.Min(limit, 512), options.WindowOverlap, options.MaxWindows);
        options.MicroBatching.Validate(windows.TokenLimit);
        ClassifierSession session = open();
        EmotionClassifier? classifier = null;
        try
        {
            if (session.Inputs.LabelCount >= 0 && session.Inputs.LabelCount != labels.Count)
            {
                Throw.InvalidData($"the model has {session.Inputs.LabelCount} outputs, its labels are {labels.Count}. Do config.json and the graph belong together?");
            }

            classifier = new EmotionClassifier(tokenizer, thresholds, session, windows, options, modelFile, modelSizeInBytes);
            if (options.WarmUp)
            {
                classifier.WarmUp();
            }

            return classifier;
        }
        catch
        {
            classifier?.Dispose();
            session.Dispose();
            throw;
        }
    }

    // "model/onnx/serving.onnx" is "model/serving.onnx": enough to tell models apart, and no path of the machine.
    private static string NameOf(string? modelFile)
    {
        if (modelFile is null)
        {
            return "memory";
        }

        string? directory = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(modelFile)));
        return $"{Path.GetFileName(directory)}/{Path.GetFileName(modelFile)}";
    }

    private MicroBatcher StartBatcher()
    {
        lock (_batcherGate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _batcher ??= MicroBatcher.Create(this, _microBatching);
        }
    }

    private void WarmUp()
    {
        try
        {
            RunText("Thank you so much, you made my day!", new float[Labels.Count]);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException($"the model cannot be run: {error.Message}", error);
        }
    }

    private void ScoreTexts(ReadOnlySpan<string> texts, Span<float> destination, Span<ScoredText> scored, bool sigmoid)
    {
        Span<float> logits = Destination(destination, texts.Length);
        CheckTexts(texts);
        var measurement = RequestMeasurement.Start(ModelName, RequestMeasurement.ScoreTexts);
        try
        {
            RunTexts(texts, logits, scored, sigmoid);
            measurement.Complete(texts.Length);
        }
        catch (Exception error)
        {
            measurement.Fail(error);
            throw;
        }
    }

    private void RunTexts(ReadOnlySpan<string> texts, Span<float> logits, Span<ScoredText> scored, bool sigmoid)
    {
        TextRows rows = _rows.Rent(this);
        try
        {
            for (int start = 0; start < texts.Length;)
            {
                int taken = rows.Encode(Tokenizer, texts[start..]);
                Span<float> part = logits.Slice(start * Labels.Count, taken * Labels.Count);
                RunRows(rows, part);
                if (sigmoid)
                {
                    TensorPrimitives.Sigmoid(part, part);
                }

                if (!scored.IsEmpty)
                {
                    rows.Scored.CopyTo(scored[start..]);
                }

                start += taken;
            }
        }
        finally
        {
            _rows.Return(rows);
        }
    }

    private ScoredText ScoreText(ReadOnlySpan<char> text, Span<float> logits, bool sigmoid)
    {
        var measurement = RequestMeasurement.Start(ModelName, RequestMeasurement.ScoreText);
        try
        {
            ScoredText scored = RunText(text, logits);
            if (sigmoid)
            {
                TensorPrimitives.Sigmoid(logits, logits);
            }

            measurement.Complete(texts: 1, scored.TokenCount);
            return scored;
        }
        catch (Exception error)
        {
            measurement.Fail(error);
            throw;
        }
    }

    private ScoredText RunText(ReadOnlySpan<char> text, Span<float> logits)
    {
        RunContext context = _contexts.Rent(this);
        try
        {
            context.Encode(Tokenizer, text, MaxLength, out bool truncated);
            if (!truncated || Windows.Policy == LongTextPolicy.Truncate)
            {
                Run(context);
                context.Logits.CopyTo(logits);
                return new ScoredText(context.TokenCount, 1, truncated);
            }
        }
        finally
        {
            _contexts.Return(context);
        }

        return RunWindows(text, logits);
    }

    private ScoredText RunWindows(ReadOnlySpan<char> text, Span<float> logits)
    {
        TextRows rows = _rows.Rent(this);
        try
        {
            rows.Encode(Tokenizer, text);
            RunRows(rows, logits);
            return rows.Scored[0];
        }
        finally
        {
            _rows.Return(rows);
        }
    }

    private void RunRows(TextRows rows, Span<float> logits)
    {
        rows.Begin(logits);
        for (int start = 0; start < rows.RowCount;)
        {
            start += RunBatch(rows, start, logits);
        }
    }

    private void Run(RunContext context)
    {
        long startedAt = EngineMetrics.StartTime(EngineMetrics.BatchDuration);
        _session.Run(context, Labels.Count);
        EngineMetrics.RecordRun(ModelName, context, _session.Inputs.IsPacked, startedAt);
    }

    private void CheckTexts(ReadOnlySpan<string> texts)
    {
        if (texts.Length > _maxTexts)
        {
            Throw.Argument($"there are {texts.Length} texts, expected at most {_maxTexts} (MaxTexts). Score them in several calls.", nameof(texts));
        }

        for (int text = 0; text < texts.Length; text++)
        {
            if (texts[text] is null)
            {
                Throw.Argument($"text {text} is null, expected a string.", nameof(texts));
            }
        }
    }

    private Span<float> Destination(Span<float> destination, int texts) => destination[..CheckDestination(destination.Length, texts)];
}
