using System.Diagnostics;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Batching;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Pretraining;

/// <summary>
/// Trains an encoder on texts without labels: some of their tokens are hidden, and the encoder learns to predict them (Devlin et al.
/// 2019, BERT, section 3.1). A classifier that is then fine-tuned from it knows words that few labelled texts hold. Owns its
/// parameters; not thread-safe.
/// </summary>
/// <remarks>The same checkpoint, texts, options and number of threads give the same parameters to the bit.</remarks>
public sealed class MaskedTokenTrainer : IDisposable
{
    private readonly Checkpoint _checkpoint;
    private readonly PretrainingOptions _options;
    private readonly TrainingOptions _trainingOptions;
    private readonly EncodedTexts _texts;
    private readonly int[] _usable;
    private readonly TokenMasking _masking;
    private readonly ParameterBuffers _buffers;
    private readonly GradientStep _step;
    private readonly ParallelOptions _parallel;

    /// <summary>Prepares a training: encodes the texts, builds the graph and opens its session.</summary>
    /// <param name="checkpoint">Where to start from: fresh parameters, or an encoder to train further on texts of another kind.</param>
    /// <param name="tokenizer">The tokenizer with the checkpoint's vocabulary, which has a mask token.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="options">How to train; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, no text has a token to hide, or vocabulary and checkpoint do not fit each other.</exception>
    public MaskedTokenTrainer(Checkpoint checkpoint, WordPieceTokenizer tokenizer, IEnumerable<string> texts, PretrainingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(texts);
        _options = options ?? new PretrainingOptions();
        _trainingOptions = _options.ToTrainingOptions();
        EncoderConfig config = checkpoint.Config;
        Trainer.CheckTokenizer(config, tokenizer, _options.MaxLength, nameof(options));
        _checkpoint = checkpoint;
        _masking = new TokenMasking(tokenizer, _options.MaskingProbability, (ulong)_options.Seed);
        _texts = EncodedTexts.Encode(texts, tokenizer, _options.MaxLength);
        _usable = [.. Enumerable.Range(0, _texts.Count).Where(text => _masking.CanHideAny(_texts[text]))];
        if (_usable.Length == 0)
        {
            Throw.Argument($"none of {_texts.Count} texts has a token that could be hidden, expected texts with words of the vocabulary.", nameof(texts));
        }

        int threads = _options.Threads ?? Environment.ProcessorCount;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        TrainingGraph graph = TrainingGraph.CreateMaskedToken(config, new TrainingGraphOptions { Dropout = _options.Dropout });
        _buffers = new ParameterBuffers(graph.Parameters, _ => true);
        foreach (ParameterSlot slot in _buffers.Slots)
        {
            Span<float> values = _buffers.Weights.Slice(slot.Start, slot.Length);
            if (checkpoint.Parameters.TryGet(slot.Spec.Name, out Parameter? parameter))
            {
                parameter.Values.Span.CopyTo(values);
            }
            else
            {
                ParameterInitializer.Fill(slot.Spec, config, _options.Seed, values);
            }
        }

        _step = new GradientStep(graph, _buffers, threads, (ulong)_options.Seed);
    }

    /// <summary>The number of texts.</summary>
    public int TextCount => _texts.Count;

    /// <summary>The number of texts that are left aside since no token of them can be hidden.</summary>
    public int UnusableCount => _texts.Count - _usable.Length;

    /// <summary>The number of texts that are cut at the maximal length.</summary>
    public int TruncatedCount => _texts.TruncatedCount;

    /// <summary>Trains.</summary>
    /// <param name="onStep">Is told where the training stands after each optimizer step.</param>
    /// <param name="onEpoch">Is told what each epoch came to.</param>
    /// <param name="cancellationToken">Ends the training before the next step.</param>
    /// <returns>The checkpoint with the trained encoder; its pooler and head are as they were.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The loss or a gradient is not a finite number.</exception>
    public Checkpoint Run(Action<TrainingProgress>? onStep = null, Action<PretrainingEpoch>? onEpoch = null, CancellationToken cancellationToken = default)
    {
        int[] lengths = [.. _usable.Select(text => _texts.Lengths[text])];
        int[][][] epochs = [.. Enumerable.Range(0, _options.Epochs).Select(epoch => LengthGroupedBatches.Plan(lengths, _options.BatchSize, null, _options.Seed, epoch))];
        int stepCount = Math.Min(epochs.Sum(batches => batches.Length), _options.MaxSteps ?? int.MaxValue);
        var schedule = new LearningRateSchedule { Kind = _options.Schedule, WarmupSteps = (int)Math.Round(_options.WarmupFraction * stepCount), TotalSteps = stepCount };
        var optimizer = new Optimizer(_buffers, _trainingOptions, schedule, _parallel);
        using var batch = new TokenBatch(_options.BatchSize * _options.MaxLength);
        long samples = 0;
        long tokens = 0;
        TimeSpan trainingTime = TimeSpan.Zero;
        for (int epoch = 0; epoch < epochs.Length && optimizer.StepCount < stepCount; epoch++)
        {
            double lossSum = 0;
            long maskedCount = 0;
            TimeSpan before = trainingTime;
            foreach (int[] places in epochs[epoch].Take(stepCount - optimizer.StepCount))
            {
                cancellationToken.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                _texts.Fill(batch, [.. places.Select(place => _usable[place])]);
                _masking.Apply(batch, (ulong)optimizer.StepCount);
                float loss = _step.Run(batch, _masking.Positions, _masking.Ids, (ulong)optimizer.StepCount);
                Trainer.RequireFinite(loss, "loss", $"at step {optimizer.StepCount + 1} of epoch {epoch + 1}", "");
                double norm = optimizer.Norm();
                Trainer.RequireFinite(norm, "norm of the gradients", $"at step {optimizer.StepCount + 1} of epoch {epoch + 1}", "");
                double rate = optimizer.Step(norm);
                trainingTime += Stopwatch.GetElapsedTime(start);
                lossSum += (double)loss * _masking.Ids.Length;
                maskedCount += _masking.Ids.Length;
                samples += places.Length;
                tokens += places.Sum(place => (long)lengths[place]);
                onStep?.Invoke(new TrainingProgress
                {
                    EpochNumber = epoch + 1,
                    StepNumber = optimizer.StepCount,
                    StepCount = stepCount,
                    Loss = loss,
                    LearningRate = rate,
                    GradientNorm = norm,
                    Samples = samples,
                    Tokens = tokens,
                    TrainingTime = trainingTime,
                });
            }

            onEpoch?.Invoke(new PretrainingEpoch(epoch + 1, lossSum / maskedCount, maskedCount, trainingTime - before));
        }

        return _checkpoint with { Parameters = WithTrainedEncoder() };
    }

    /// <summary>Frees the session and the parameters.</summary>
    public void Dispose()
    {
        _step.Dispose();
        _buffers.Dispose();
    }

    private ParameterSet WithTrainedEncoder()
    {
        Dictionary<string, ParameterSlot> trained = _buffers.Slots.ToDictionary(slot => slot.Spec.Name);
        return new ParameterSet(_checkpoint.Parameters.Select(parameter => trained.TryGetValue(parameter.Name, out ParameterSlot? slot)
            ? new Parameter(parameter.Name, parameter.Shape, _buffers.Weights.Slice(slot.Start, slot.Length).ToArray())
            : parameter));
    }
}
