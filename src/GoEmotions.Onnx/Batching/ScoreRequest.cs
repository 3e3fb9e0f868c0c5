using System.Threading.Tasks.Sources;
using GoEmotions.Onnx.Diagnostics;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Batching;

/// <summary>
/// A text on its way through a <see cref="MicroBatcher"/>, and the source of the task that its caller awaits. Pooled: it goes back
/// when both its caller has taken the result and whoever completed it has let go.
/// </summary>
/// <remarks>
/// The second condition is needed: a caller may see the result and take it while the completing thread is still inside
/// <see cref="ManualResetValueTaskSourceCore{TResult}"/>, which must not be reset then.
/// </remarks>
internal sealed class ScoreRequest(MicroBatcher owner) : IValueTaskSource<ScoredText>
{
    private const int Holders = 2;

    private ManualResetValueTaskSourceCore<ScoredText> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancellationToken;
    private int[] _ids = [];
    private int _holders;
    private int _taken;

    /// <summary>The neighbour before this one in the queue.</summary>
    public ScoreRequest? Previous { get; set; }

    /// <summary>The neighbour behind this one in the queue, or among the free ones.</summary>
    public ScoreRequest? Next { get; set; }

    /// <summary>Where it stands; guarded by the batcher's lock.</summary>
    public ScoreRequestState State { get; set; }

    /// <summary>When it was enqueued, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long EnqueuedAt { get; set; }

    /// <summary>The tokens, [CLS] and [SEP] included.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Whether the text is longer than what is looked at.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>The ids, [CLS] and [SEP] included.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, TokenCount);

    /// <summary>The caller's destination.</summary>
    public Memory<float> Probabilities { get; private set; }

    /// <summary>What is measured of this use of the request.</summary>
    public RequestMeasurement Measurement { get; private set; }

    /// <summary>The task of this use of the request.</summary>
    public ValueTask<ScoredText> Task => new(this, _source.Version);

    /// <summary>Readies the request for a text.</summary>
    public void Begin(ReadOnlySpan<char> text, Memory<float> probabilities, WordPieceTokenizer tokenizer, LongTextWindows windows, RequestMeasurement measurement)
    {
        _source.Reset();
        _holders = Holders;
        _taken = 0;
        State = ScoreRequestState.New;
        Probabilities = probabilities;
        Measurement = measurement;
        if (_ids.Length == 0)
        {
            _ids = new int[windows.MaxLength];
        }

        TokenCount = tokenizer.Encode(text, _ids.AsSpan(0, int.Min(_ids.Length, windows.TokenLimit)), out bool truncated);
        if (truncated && _ids.Length < windows.TokenLimit)
        {
            _ids = new int[windows.TokenLimit];
            TokenCount = tokenizer.Encode(text, _ids, out truncated);
        }

        IsTruncated = truncated;
    }

    /// <summary>Has the batcher told when the caller cancels.</summary>
    public void Watch(CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        _cancellation = cancellationToken.UnsafeRegister(static state => ((ScoreRequest)state!).OnCancelled(), this);
    }

    /// <summary>
    /// Stops watching; once this returns, the caller's cancellation does not reach the request any more. It waits for a
    /// cancellation that is under way, unless it is called by that.
    /// </summary>
    public void Unwatch()
    {
        _cancellation.Dispose();
        _cancellation = default;
        _cancellationToken = default;
    }

    /// <summary>Completes the task.</summary>
    public void Complete(ScoredText scored)
    {
        Unwatch();
        Measurement.Complete(texts: 1, scored.TokenCount);
        _source.SetResult(scored);
        LetGo();
    }

    /// <summary>Completes the task with an error.</summary>
    public void Fail(Exception error)
    {
        Unwatch();
        Measurement.Fail(error);
        _source.SetException(error);
        LetGo();
    }

    public ScoredText GetResult(short token)
    {
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending || Interlocked.Exchange(ref _taken, 1) != 0)
        {
            throw new InvalidOperationException("the result is not there yet, or was taken already; await a ValueTask once.");
        }

        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            LetGo();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _source.OnCompleted(continuation, state, token, flags);

    private void OnCancelled()
    {
        if (owner.TryRemove(this))
        {
            Fail(new OperationCanceledException(_cancellationToken));
        }
    }

    private void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Probabilities = default;
            Measurement = default;
            owner.Recycle(this);
        }
    }
}
