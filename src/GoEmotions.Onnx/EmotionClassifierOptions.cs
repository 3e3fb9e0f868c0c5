using GoEmotions.Onnx.Batching;

namespace GoEmotions.Onnx;

/// <summary>How an <see cref="EmotionClassifier"/> runs. Checked once, when the classifier is made.</summary>
public sealed record EmotionClassifierOptions
{
    // With 32 MiB of third-level cache (Zen 4), 22 MiB (6x384 in int8) behave as cached, and 108 MiB (12x768 in int8) do not.
    private const long CachedModelSizeInBytes = 32L << 20;

    /// <summary>Where the model runs; by default on the processor.</summary>
    public ExecutionProvider ExecutionProvider { get; init; }

    /// <summary>The GPU's number for <see cref="ExecutionProvider.Cuda"/>, from 0.</summary>
    public int CudaDevice { get; init; }

    /// <summary>The most GPU memory that ONNX Runtime's arena may take, in bytes; <see langword="null"/> (the default): no limit.</summary>
    public long? CudaMemoryLimitInBytes { get; init; }

    /// <summary>Which graph of a model directory is run.</summary>
    public ModelVariant Variant { get; init; }

    /// <summary>
    /// The longest sequence in tokens, [CLS] and [SEP] included; what is longer is dealt with by <see cref="LongTexts"/>.
    /// <see langword="null"/> (the default) takes the smaller of what tokenizer and encoder allow, and at most 512.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// The largest batch in tokens: padded (texts x longest text) for ordinary graphs, true tokens for packed serving graphs.
    /// <see langword="null"/> (the default): 512 for a graph of at most 32 MiB, whose weights stay in a processor's cache from batch to
    /// batch, so that small activations are worth more; 1,024 for a larger one, whose weights are read anew for every batch. Throughput
    /// was within 7% of the best there (benchmarks/results). More texts than fit are scored in several batches; a single text longer
    /// than this is still scored, alone.
    /// </summary>
    public int? MaxBatchTokens { get; init; }

    /// <summary>The most texts in one call; a call with more is refused. <see langword="null"/> (the default): no limit, since memory does not grow with the call.</summary>
    public int? MaxTexts { get; init; }

    /// <summary>
    /// The threads that one run uses; <see langword="null"/> (the default) takes the processors that this process may
    /// use (<see cref="Environment.ProcessorCount"/>, which heeds affinity and the container's CPU limit), never more.
    /// </summary>
    public int? IntraOpThreads { get; init; }

    /// <summary>
    /// Whether a run's threads wait for each other by spinning (the default): short runs are faster by half, at the price of
    /// processor time. Without effect for one thread.
    /// </summary>
    public bool AllowSpinning { get; init; } = true;

    /// <summary>
    /// How many runs go on at once; further calls wait their turn. <see langword="null"/> (the default) takes the processors
    /// divided by <see cref="IntraOpThreads"/>, so that threads never outnumber processors: 1 run of all processors by
    /// default, which is best for single calls. A server of many calls sets <see cref="IntraOpThreads"/> to 1.
    /// </summary>
    public int? Concurrency { get; init; }

    /// <summary>Whether a text is scored when the classifier is made (the default): the first call is fast then, and a model that cannot run is found at once.</summary>
    public bool WarmUp { get; init; } = true;

    /// <summary>What happens to texts longer than <see cref="MaxLength"/>.</summary>
    public LongTextPolicy LongTexts { get; init; }

    /// <summary>
    /// Under a sliding-window policy, the tokens that a window shares with the one before it; <see langword="null"/> (the
    /// default): a quarter of a window.
    /// </summary>
    public int? WindowOverlap { get; init; }

    /// <summary>Under a sliding-window policy, the most windows of a text; what lies behind is not looked at, and <see cref="ScoredText.IsTruncated"/> says so.</summary>
    public int MaxWindows { get; init; } = 64;

    /// <summary>What <c>Predict</c> decides by; <see langword="null"/> (the default) takes the model directory's <c>thresholds.json</c>, or 0.5 for every label where there is none.</summary>
    public LabelThresholds? Thresholds { get; init; }

    /// <summary>How <see cref="EmotionClassifier.ScoreAsync"/> gathers the texts of many callers.</summary>
    public MicroBatcherOptions MicroBatching { get; init; } = new();

    /// <summary>Checks the options, as making a classifier does; what depends on the model is checked then only.</summary>
    /// <exception cref="ArgumentNullException"><see cref="MicroBatching"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(MicroBatching);
        MicroBatching.Validate(maxTextTokens: 2);
        ThrowIfOutside(MaxLength, 2, int.MaxValue, nameof(MaxLength));
        ThrowIfOutside(MaxBatchTokens, 2, 1 << 24, nameof(MaxBatchTokens));
        ThrowIfOutside(MaxTexts, 1, int.MaxValue, nameof(MaxTexts));
        ThrowIfOutside(IntraOpThreads, 1, 1024, nameof(IntraOpThreads));
        ThrowIfOutside(Concurrency, 1, 1024, nameof(Concurrency));
        ThrowIfOutside(WindowOverlap, 0, int.MaxValue, nameof(WindowOverlap));
        ThrowIfOutside(MaxWindows, 1, 1024, nameof(MaxWindows));
        ThrowIfOutside(CudaDevice, 0, int.MaxValue, nameof(CudaDevice));
        ThrowIfOutside((int)Variant, 0, (int)ModelVariant.Fp16, nameof(Variant));
        ThrowIfOutside((int)ExecutionProvider, 0, (int)ExecutionProvider.Cuda, nameof(ExecutionProvider));
        ThrowIfOutside((int)LongTexts, 0, (int)LongTextPolicy.SlidingWindowMean, nameof(LongTexts));
        if (CudaMemoryLimitInBytes < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(CudaMemoryLimitInBytes), CudaMemoryLimitInBytes, $"CudaMemoryLimitInBytes is {CudaMemoryLimitInBytes}, expected 1 or more.");
        }
    }

    internal int ResolveBatchTokens(long modelSizeInBytes) => MaxBatchTokens ?? (modelSizeInBytes <= CachedModelSizeInBytes ? 512 : 1024);

    internal int ResolveIntraOpThreads() => IntraOpThreads ?? Environment.ProcessorCount;

    internal int ResolveConcurrency() => Concurrency ?? int.Max(1, Environment.ProcessorCount / ResolveIntraOpThreads());

    private static void ThrowIfOutside(int? value, int minimum, int maximum, string name)
    {
        if (value < minimum || value > maximum)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}, expected {minimum} {(maximum == int.MaxValue ? "or more" : $"to {maximum}")}.");
        }
    }
}
