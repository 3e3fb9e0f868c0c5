using System.Diagnostics;
using GoEmotions.Onnx.Diagnostics;

namespace GoEmotions.Onnx.Batching;

/// <summary>
/// Gathers the requests of many callers into batches: first come, first served, each batch by its tokens. Requests that are
/// cancelled while they wait are dropped; those whose run has begun are answered. Thread-safe; in steady state it allocates
/// nothing. It has a thread of its own for each run that goes on at once.
/// </summary>
/// <remarks>
/// It borrows the classifier. <see cref="EmotionClassifier.ScoreAsync"/> has one of the classifier's own; one made here is for
/// other options, or for a queue apart.
/// </remarks>
public sealed class MicroBatcher : IDisposable, IAsyncDisposable
{
    private readonly EmotionClassifier _classifier;
    private readonly Thread[] _threads;
    private readonly long _maxDelayTicks;
    private readonly int _maxBatchTokens;

    // Guards all that follows, and is pulsed when there is work.
    private readonly object _gate = new();
    private ScoreRequest? _first;
    private ScoreRequest? _last;
    private ScoreRequest? _free;
    private int _queuedTokens;
    private int _queuedTexts;
    private int _idleThreads;
    private bool _closed;

    private MicroBatcher(EmotionClassifier classifier, MicroBatcherOptions options)
    {
        _classifier = classifier;
        _maxBatchTokens = classifier.MaxBatchTokens;
        _maxDelayTicks = (long)(options.MaxDelay.TotalSeconds * Stopwatch.Frequency);
        MaxQueueTokens = QueueLimit(classifier, options);
        _threads = new Thread[classifier.Concurrency];
        _idleThreads = _threads.Length;
        for (int index = 0; index < _threads.Length; index++)
        {
            _threads[index] = new Thread(Work) { IsBackground = true, Name = $"{nameof(MicroBatcher)} {index}" };

            // Without the caller's context: its AsyncLocals, the current activity among them, are not the batcher's.
            _threads[index].UnsafeStart();
        }

        QueueDepths.Add(this);
    }

    /// <summary>The most tokens that wait.</summary>
    public int MaxQueueTokens { get; }

    /// <summary>The tokens that wait now; those being scored are not counted.</summary>
    public int QueuedTokens
    {
        get
        {
            lock (_gate)
            {
                return _queuedTokens;
            }
        }
    }

    /// <summary>The texts that wait now; those being scored are not counted.</summary>
    public int QueuedTexts
    {
        get
        {
            lock (_gate)
            {
                return _queuedTexts;
            }
        }
    }

    /// <summary>What metrics and traces call the model.</summary>
    internal string ModelName => _classifier.ModelName;

    /// <summary>Makes a batcher over a classifier.</summary>
    /// <param name="classifier">The classifier, borrowed: it is disposed of after the batcher.</param>
    /// <param name="options">How to gather; <see langword="null"/> takes the defaults.</param>
    /// <returns>The batcher; the caller disposes of it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="classifier"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static MicroBatcher Create(EmotionClassifier classifier, MicroBatcherOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        options ??= new MicroBatcherOptions();
        options.Validate(classifier.Windows.TokenLimit);
        return new MicroBatcher(classifier, options);
    }

    /// <summary>Scores a text together with those of other callers.</summary>
    /// <param name="text">The text, which is read before this returns.</param>
    /// <param name="probabilities">The destination, <c>[labels]</c>: a probability in [0, 1] each; the caller leaves it alone until the task is done.</param>
    /// <param name="cancellationToken">Cancels the request while it waits; one whose run has begun is answered.</param>
    /// <returns>What the model saw of the text; to be awaited once.</returns>
    /// <exception cref="ArgumentException"><paramref name="probabilities"/> is shorter than the number of labels.</exception>
    /// <exception cref="MicroBatcherFullException">Too many tokens wait already (by the task).</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled (by the task).</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime reports an error (by the task).</exception>
    /// <exception cref="ObjectDisposedException">The batcher is disposed, or its classifier (the latter by the task).</exception>
    public ValueTask<ScoredText> ScoreAsync(ReadOnlyMemory<char> text, Memory<float> probabilities, CancellationToken cancellationToken = default) =>
        TryEnqueue(text, probabilities, out ValueTask<ScoredText> result, cancellationToken)
            ? result
            : ValueTask.FromException<ScoredText>(new MicroBatcherFullException(QueuedTokens, MaxQueueTokens));

    /// <summary>As <see cref="ScoreAsync"/>, but refuses without an exception.</summary>
    /// <param name="text">The text, which is read before this returns.</param>
    /// <param name="probabilities">The destination, <c>[labels]</c>: a probability in [0, 1] each; the caller leaves it alone until the task is done.</param>
    /// <param name="result">What the model saw of the text; to be awaited once.</param>
    /// <param name="cancellationToken">Cancels the request while it waits.</param>
    /// <returns>Whether there was room; if not, <paramref name="result"/> is of no use.</returns>
    /// <exception cref="ArgumentException"><paramref name="probabilities"/> is shorter than the number of labels.</exception>
    /// <exception cref="ObjectDisposedException">The batcher is disposed.</exception>
    public bool TryEnqueue(ReadOnlyMemory<char> text, Memory<float> probabilities, out ValueTask<ScoredText> result, CancellationToken cancellationToken = default)
    {
        _classifier.CheckDestination(probabilities.Length, texts: 1);
        result = default;
        if (cancellationToken.IsCancellationRequested)
        {
            RequestMeasurement.Start(ModelName, RequestMeasurement.ScoreAsync).Cancel();
            result = ValueTask.FromCanceled<ScoredText>(cancellationToken);
            return true;
        }

        if (RentRequest() is not ScoreRequest request)
        {
            RequestMeasurement.Start(ModelName, RequestMeasurement.ScoreAsync).Reject();
            return false;
        }

        var measurement = RequestMeasurement.Start(ModelName, RequestMeasurement.ScoreAsync);
        request.Begin(text.Span, probabilities, _classifier.Tokenizer, _classifier.Windows, measurement);
        if (cancellationToken.CanBeCanceled)
        {
            request.Watch(cancellationToken);
        }

        result = request.Task;
        ScoreRequestState state;
        bool closed;
        lock (_gate)
        {
            state = request.State;
            closed = _closed;
            if (!closed && state == ScoreRequestState.New && request.TokenCount <= MaxQueueTokens - _queuedTokens)
            {
                Enqueue(request);
                return true;
            }
        }

        request.Unwatch();
        Recycle(request);
        if (closed)
        {
            var error = new ObjectDisposedException(nameof(MicroBatcher));
            measurement.Fail(error);
            throw error;
        }

        if (state == ScoreRequestState.Cancelled)
        {
            measurement.Cancel();
            result = ValueTask.FromCanceled<ScoredText>(cancellationToken);
            return true;
        }

        measurement.Reject();
        result = default;
        return false;
    }

    /// <summary>Refuses new requests, answers those that wait, and ends. Later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        QueueDepths.Remove(this);
    }

    /// <inheritdoc cref="Dispose"/>
    /// <returns>A task that is done when all requests are answered.</returns>
    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    /// <summary>The most tokens that wait under these options.</summary>
    internal static int QueueLimit(EmotionClassifier classifier, MicroBatcherOptions options) =>
        options.MaxQueueTokens ?? int.Max(classifier.Windows.TokenLimit, (int)long.Min(classifier.MaxBatchTokens * 64L, int.MaxValue));

    /// <summary>Takes a request out of the queue because it was cancelled; false where its run has begun.</summary>
    internal bool TryRemove(ScoreRequest request)
    {
        lock (_gate)
        {
            if (request.State == ScoreRequestState.New)
            {
                request.State = ScoreRequestState.Cancelled;
            }

            if (request.State != ScoreRequestState.Queued)
            {
                return false;
            }

            Unlink(request);
            return true;
        }
    }

    /// <summary>Keeps a request for its next use.</summary>
    internal void Recycle(ScoreRequest request)
    {
        lock (_gate)
        {
            request.Next = _free;
            _free = request;
        }
    }

    private ScoreRequest? RentRequest()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_queuedTokens >= MaxQueueTokens)
            {
                return null;
            }

            if (_free is ScoreRequest request)
            {
                _free = request.Next;
                request.Next = null;
                return request;
            }
        }

        return new ScoreRequest(this);
    }

    private void Enqueue(ScoreRequest request)
    {
        request.State = ScoreRequestState.Queued;
        request.EnqueuedAt = Stopwatch.GetTimestamp();
        request.Previous = _last;
        if (_last is null)
        {
            _first = request;
        }
        else
        {
            _last.Next = request;
        }

        _last = request;
        _queuedTexts++;
        int before = _queuedTokens;
        _queuedTokens += request.TokenCount;

        // The first wakes a thread, which waits for more; the one that fills the batch ends that. Those between wake nobody.
        if (before == 0 || (before < _maxBatchTokens && _queuedTokens >= _maxBatchTokens))
        {
            Monitor.Pulse(_gate);
        }
    }

    private void Unlink(ScoreRequest request)
    {
        if (request.Previous is null)
        {
            _first = request.Next;
        }
        else
        {
            request.Previous.Next = request.Next;
        }

        if (request.Next is null)
        {
            _last = request.Previous;
        }
        else
        {
            request.Next.Previous = request.Previous;
        }

        request.Previous = request.Next = null;
        request.State = ScoreRequestState.Taken;
        _queuedTexts--;
        _queuedTokens -= request.TokenCount;
    }

    private void Work()
    {
        var batch = new RequestBatch(_classifier);
        while (Take(batch))
        {
            batch.Run();
            lock (_gate)
            {
                _idleThreads++;
            }
        }
    }

    // False when the batcher is closed and everything answered.
    private bool Take(RequestBatch batch)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_first is null)
                {
                    if (_closed)
                    {
                        return false;
                    }

                    Monitor.Wait(_gate);
                    continue;
                }

                long waited = Stopwatch.GetTimestamp() - _first.EnqueuedAt;
                if (_closed || _queuedTokens >= _maxBatchTokens || waited >= _maxDelayTicks)
                {
                    break;
                }

                Monitor.Wait(_gate, 1 + (int)((_maxDelayTicks - waited - 1) * 1000 / Stopwatch.Frequency));
            }

            // What waits is shared with the threads that have nothing to do: one batch of all would leave their processors idle.
            int share = int.Min(_maxBatchTokens, ((_queuedTokens - 1) / _idleThreads) + 1);
            int tokens = 0;
            while (_first is ScoreRequest request && (tokens == 0 || tokens + request.TokenCount <= share) && batch.TryAdd(request))
            {
                tokens += request.TokenCount;
                Unlink(request);
            }

            _idleThreads--;
            if (_first is not null)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }
}
