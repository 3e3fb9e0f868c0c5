using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Batching;
using GoEmotions.Onnx.Training.Checkpoints;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Evaluation;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// Fine-tunes a classifier on the ordinary ONNX Runtime: gradient graph, AdamW, evaluations, checkpoints. What a training comes to
/// depends on its arguments alone, not on where it was interrupted. Owns its parameters; not thread-safe.
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>The largest batch of an evaluation in padded tokens.</summary>
    private const int EvaluationBatchTokens = 4096;

    private readonly TrainingOptions _options;
    private readonly EncodedDataset _training;
    private readonly EncodedDataset _development;
    private readonly bool[] _developmentTruth;
    private readonly Distillation? _distillation;
    private readonly TokenDropout _tokenDropout;
    private readonly TrainingGraph _graph;
    private readonly ParameterBuffers _buffers;
    private readonly GradientStep _step;
    private readonly ForwardPass _forward;
    private readonly TrainingBlocks _blocks;
    private readonly TrainingPlan _plan;
    private readonly Optimizer _optimizer;
    private readonly TokenBatch _batch;
    private readonly float[] _targets;
    private readonly TrainingFingerprint _fingerprint;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private TrainingState? _saved;
    private string? _checkpointPath;

    /// <summary>Prepares a training: encodes the texts, builds the graphs and opens their sessions.</summary>
    /// <param name="checkpoint">Where to start from.</param>
    /// <param name="tokenizer">The tokenizer with the checkpoint's vocabulary.</param>
    /// <param name="training">The training split.</param>
    /// <param name="development">The development split, with the same labels.</param>
    /// <param name="options">How to train.</param>
    /// <param name="distillation">What teachers say of the training texts; <see langword="null"/> to learn from the labels alone.</param>
    /// <exception cref="ArgumentNullException">An argument other than <paramref name="distillation"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The device, or a library that it needs, is not there.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, a split is empty, labels, vocabulary and checkpoint do not fit each other, or <paramref name="distillation"/> does not fit the training split or the loss.</exception>
    public Trainer(Checkpoint checkpoint, WordPieceTokenizer tokenizer, EmotionDataset training, EmotionDataset development, TrainingOptions options, Distillation? distillation = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(development);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Check(checkpoint.Config, tokenizer, training, development, options);
        distillation?.Validate(training, options.Loss);
        _distillation = distillation is null ? null : distillation with { TeacherProbabilities = distillation.TeacherProbabilities.ToArray() };
        _options = options;
        int threads = options.Threads ?? System.Environment.ProcessorCount;
        _training = EncodedDataset.Encode(training, tokenizer, options.MaxLength);
        _development = EncodedDataset.Encode(development, tokenizer, options.MaxLength);
        CheckBatches(training, _training, options);
        _developmentTruth = development.ToTruthMatrix();
        _tokenDropout = new TokenDropout(options.TokenDropout, tokenizer.UnknownTokenId, (ulong)options.Seed);
        _graph = TrainingGraph.Create(checkpoint.Config, options.Device.Adapt(new TrainingGraphOptions { Loss = options.Loss, Trains = options.Trains, Dropout = options.Dropout }, options.Seed));
        _plan = new TrainingPlan(_training.Lengths, options);
        _targets = new float[options.BatchSize * _training.Labels.Count];
        _fingerprint = TrainingFingerprint.Of(checkpoint, tokenizer, training, development, options, _graph, _distillation);
        _environment = TrainingEnvironment.Of(threads);
        try
        {
            _batch = new TokenBatch(options.BatchSize * options.MaxLength);
            _buffers = new ParameterBuffers(_graph.Parameters, options.Trains ?? (_ => true), options.Device);
            _buffers.Load(checkpoint.Parameters);
            _blocks = new TrainingBlocks(_buffers);
            _step = new GradientStep(_graph, _buffers, threads, (ulong)options.Seed);
            _forward = new ForwardPass(checkpoint.Config, _buffers, threads, EvaluationBatchTokens);
        }
        catch
        {
            Dispose();
            throw;
        }

        var schedule = new LearningRateSchedule { Kind = options.Schedule, WarmupSteps = (int)Math.Round(options.WarmupFraction * _plan.StepCount), TotalSteps = _plan.StepCount };
        _optimizer = new Optimizer(_buffers, options, schedule, new ParallelOptions { MaxDegreeOfParallelism = threads });
    }

    /// <summary>The number of texts of the training split that are cut at the maximal length.</summary>
    public int TruncatedCount => _training.TruncatedCount;

    /// <summary>The optimizer steps of the whole training.</summary>
    public int StepCount => _plan.StepCount;

    /// <summary>What may change the last bits of the result beside the options: versions, processor, threads.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>Where the training stands.</summary>
    public TrainingState State { get; private set; } = TrainingState.Start;

    /// <summary>Goes back to a checkpoint: parameters, moments, best parameters and state become what they were when it was written.</summary>
    /// <param name="checkpoint">A checkpoint of a training with the same base, data, labels and options.</param>
    /// <returns>What has changed since and may change the last bits of the result, such as the number of threads; empty as a rule.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="checkpoint"/> is null.</exception>
    /// <exception cref="InvalidDataException">The checkpoint belongs to another training; the message names what differs. The trainer is as it was.</exception>
    public IReadOnlyList<string> Restore(TrainingCheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (checkpoint.Fingerprint.DifferenceTo(_fingerprint) is { } difference)
        {
            Throw.InvalidData($"{checkpoint.Path} is a checkpoint of another training: {difference}. Resume with what it was started with, or start a new training in another folder.");
        }

        checkpoint.CopyTo(_blocks);
        State = checkpoint.State;
        _saved = State;
        _checkpointPath = Path.GetFullPath(checkpoint.Path);
        return TrainingEnvironment.Notes(checkpoint.Environment, _environment);
    }

    /// <summary>Trains from where the training stands to its end.</summary>
    /// <param name="run">Checkpoints, and who is told; <see langword="null"/> for neither.</param>
    /// <param name="cancellationToken">Ends the training after the step that is under way, with a checkpoint when there is a folder for it. That is a result and no exception.</param>
    /// <returns>The best parameters and the record of all evaluations.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; the one before is intact.</exception>
    /// <exception cref="InvalidOperationException">A loss, gradient or parameter is not a finite number; or the folder holds checkpoints, none of which was restored or written by this trainer.</exception>
    public TrainingResult Run(TrainingRunOptions? run = null, CancellationToken cancellationToken = default)
    {
        run ??= new TrainingRunOptions();
        run.Validate();
        if (run.Checkpoints is { Files: [string newest, ..] files } folder && !files.Contains(_checkpointPath))
        {
            throw new InvalidOperationException($"{folder.Path} holds checkpoints already ({Path.GetFileName(newest)}), which a new training would replace. Restore the latest, or choose another folder.");
        }

        while (true)
        {
            if (EvaluationIsDue)
            {
                Evaluate(run, cancellationToken);
            }

            TrainingEnd? end = EvaluationIsDue ? TrainingEnd.Cancelled : Ended() ?? (cancellationToken.IsCancellationRequested ? TrainingEnd.Cancelled : null);
            if (run.Checkpoints is not null && !ReferenceEquals(_saved, State) && (end is not null || CheckpointIsDue(run)))
            {
                Save(run);
            }

            if (end is not null)
            {
                EvaluationRecord? best = State.Best;
                return new TrainingResult
                {
                    End = end.Value,
                    BestParameters = best is null ? null : _blocks.BestParameters(_graph.Parameters),
                    Best = best,
                    Evaluations = State.Evaluations,
                    StepNumber = State.StepNumber,
                    CheckpointPath = _checkpointPath,
                };
            }

            Step(run);
        }
    }

    /// <summary>Frees the sessions and the parameters.</summary>
    public void Dispose()
    {
        // Those after the one that failed are missing when the constructor calls.
        _step?.Dispose();
        _forward?.Dispose();
        _batch?.Dispose();
        _blocks?.Dispose();
        _buffers?.Dispose();
    }

    private static void Check(EncoderConfig config, WordPieceTokenizer tokenizer, EmotionDataset training, EmotionDataset development, TrainingOptions options)
    {
        if (training.Count == 0 || development.Count == 0)
        {
            Throw.Argument($"there are {training.Count} training and {development.Count} development examples, expected at least one of each.", nameof(training));
        }

        if (!training.Labels.SequenceEqual(config.Labels) || !development.Labels.Equals(training.Labels))
        {
            Throw.Argument($"the training data have {training.Labels.Count} labels, the development data {development.Labels.Count} and the checkpoint {config.Labels.Count}, expected the same ones in the same order.", nameof(training));
        }

        CheckTokenizer(config, tokenizer, options.MaxLength, nameof(options));
    }

    internal static void CheckTokenizer(EncoderConfig config, WordPieceTokenizer tokenizer, int maxLength, string optionsName)
    {
        if (tokenizer.IdCount > config.VocabularySize)
        {
            Throw.Argument($"the tokenizer has {tokenizer.IdCount} ids, but the word embeddings have {config.VocabularySize} rows, expected at least as many. Use the checkpoint's own vocabulary.", nameof(tokenizer));
        }

        int limit = Math.Min(tokenizer.MaxLength, config.MaxPositionEmbeddings);
        if (maxLength > limit)
        {
            throw new ArgumentOutOfRangeException(optionsName, maxLength, $"MaxLength is {maxLength} tokens, the checkpoint takes at most {limit}. Lower MaxLength.");
        }
    }

    private static void CheckBatches(EmotionDataset dataset, EncodedDataset encoded, TrainingOptions options)
    {
        for (int example = 0; example < encoded.Count; example++)
        {
            if (encoded.Lengths[example] > options.MaxBatchTokens)
            {
                throw new ArgumentOutOfRangeException(nameof(options), options.MaxBatchTokens, $"MaxBatchTokens is {options.MaxBatchTokens}, but the text at {dataset[example].Source}:{dataset[example].LineNumber} has {encoded.Lengths[example]} tokens, expected room for one text at least. Raise MaxBatchTokens or lower MaxLength.");
            }
        }
    }

    private bool EvaluationIsDue =>
        State.StepNumber > 0 && _plan.EvaluatesAfter(State.StepNumber) && State.Last?.StepNumber != State.StepNumber;

    private TrainingEnd? Ended() =>
        State.Best is { } best && State.Evaluations.Count - best.Number >= _options.Patience ? TrainingEnd.Patience
        : State.StepNumber == _plan.StepCount ? TrainingEnd.AllSteps
        : null;

    private bool CheckpointIsDue(TrainingRunOptions run) =>
        State.StepNumber > 0 && (run.CheckpointSteps is int steps ? State.StepNumber % steps == 0 : _plan.EvaluatesAfter(State.StepNumber));

    private void Step(TrainingRunOptions run)
    {
        int stepIndex = State.StepNumber;
        ReadOnlySpan<int[]> batches = _plan.Batches(stepIndex);
        long start = Stopwatch.GetTimestamp();
        int texts = 0;
        long tokens = 0;
        foreach (int[] examples in batches)
        {
            texts += examples.Length;
            foreach (int example in examples)
            {
                tokens += _training.Lengths[example];
            }
        }

        double loss = Differentiate(batches, texts, stepIndex);
        RequireFinite(loss, "loss", $"at step {stepIndex + 1}");
        double norm = _optimizer.Norm();
        RequireFinite(norm, "norm of the gradients", $"at step {stepIndex + 1}");
        _optimizer.StepCount = stepIndex;
        double rate = _optimizer.Step(norm);
        State = State with
        {
            StepNumber = stepIndex + 1,
            Samples = State.Samples + texts,
            Tokens = State.Tokens + tokens,
            TrainingTime = State.TrainingTime + Stopwatch.GetElapsedTime(start),
            LossSum = State.LossSum + (loss * texts),
        };
        run.OnStep?.Invoke(new TrainingProgress
        {
            EpochNumber = _plan.EpochOf(stepIndex) + 1,
            StepNumber = State.StepNumber,
            StepCount = _plan.StepCount,
            Loss = loss,
            LearningRate = rate,
            GradientNorm = norm,
            Samples = State.Samples,
            Tokens = State.Tokens,
            TrainingTime = State.TrainingTime,
        });
    }

    // The gradients of a step's batches, added up by their shares of its texts, and the mean loss over the texts.
    private double Differentiate(ReadOnlySpan<int[]> batches, int texts, int stepIndex)
    {
        double loss = 0;
        for (int index = 0; index < batches.Length; index++)
        {
            int[] examples = batches[index];
            var place = new MicroBatch((float)examples.Length / texts, index == 0, index == batches.Length - 1);
            ulong dropoutStream = ((ulong)stepIndex * (ulong)_options.AccumulationSteps) + (ulong)index;
            Span<float> targets = _targets.AsSpan(0, examples.Length * _training.Labels.Count);
            _training.Fill(_batch, examples, targets);
            _distillation?.Mix(examples, targets);
            _tokenDropout.Apply(_batch, dropoutStream);
            loss += (double)_step.Run(_batch, targets, dropoutStream, place) * examples.Length / texts;
        }

        return loss;
    }

    // When it is cancelled, the evaluation is still due, and a resumed training begins with it.
    private void Evaluate(TrainingRunOptions run, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        float[] logits;
        try
        {
            logits = _forward.Score(_development, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        RequireFinite(TensorPrimitives.MaxMagnitude<float>(logits), "largest logit of the development texts", $"after step {State.StepNumber}");
        var probabilities = new float[logits.Length];
        TensorPrimitives.Sigmoid(logits, probabilities);
        EvaluationResult evaluation = Evaluator.Evaluate(new EvaluationInput { Labels = _development.Labels, Scores = probabilities, Logits = logits, Truth = _developmentTruth, Bootstrap = null });
        double value = ValueOf(evaluation);
        EvaluationRecord? before = State.Last;
        long samples = State.Samples - (before?.Samples ?? 0);
        var record = new EvaluationRecord
        {
            Number = State.Evaluations.Count + 1,
            EpochNumber = _plan.EpochOf(State.StepNumber - 1) + 1,
            StepNumber = State.StepNumber,
            Samples = State.Samples,
            Tokens = State.Tokens,
            TrainingLoss = State.LossSum / samples,
            Loss = evaluation.Loss,
            Micro = evaluation.Micro,
            Macro = evaluation.Macro,
            Weighted = evaluation.Weighted,
            SubsetAccuracy = evaluation.SubsetAccuracy,
            HammingLoss = evaluation.HammingLoss,
            RocAucMicro = evaluation.RocAucMicro,
            RocAucMacro = evaluation.RocAucMacro,
            AveragePrecisionMicro = evaluation.AveragePrecisionMicro,
            AveragePrecisionMacro = evaluation.AveragePrecisionMacro,
            Value = value,
            IsBest = State.Best is not { } best || value > best.Value,
            TrainingTime = State.TrainingTime,
            EvaluationTime = Stopwatch.GetElapsedTime(start),
            SamplesPerSecond = samples / (State.TrainingTime - (before?.TrainingTime ?? TimeSpan.Zero)).TotalSeconds,
            WorkingSetInBytes = System.Environment.WorkingSet,
        };
        if (record.IsBest)
        {
            _blocks.KeepBest();
        }

        State = State with { LossSum = 0, Evaluations = [.. State.Evaluations, record] };
        run.OnEvaluation?.Invoke(record, evaluation);
    }

    private void Save(TrainingRunOptions run)
    {
        // A checkpoint that a resumed training could do nothing with must not push out a good one.
        foreach ((string prefix, ParameterSlot slot) in _blocks.Tensors(hasBest: false))
        {
            for (int offset = 0; offset < slot.Length; offset += TrainingBlocks.ChunkLength)
            {
                ReadOnlySpan<float> elements = _blocks.Read(prefix, slot, offset, Math.Min(TrainingBlocks.ChunkLength, slot.Length - offset));
                RequireFinite(TensorPrimitives.MaxMagnitude(elements), $"largest element of {prefix}{slot.Spec.Name}", $"after step {State.StepNumber}");
            }
        }

        _checkpointPath = run.Checkpoints!.Save(State.StepNumber, stream => CheckpointWriter.Write(stream, _blocks, State, _fingerprint, _environment));
        _saved = State;
        run.OnCheckpoint?.Invoke(_checkpointPath);
    }

    private void RequireFinite(double value, string what, string when) =>
        RequireFinite(value, what, when, _checkpointPath is null ? "" : $" The last checkpoint is intact: {_checkpointPath}.");

    internal static void RequireFinite(double value, string what, string when, string remains)
    {
        if (!double.IsFinite(value))
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"the {what} is {value} {when}, expected a finite number. Lower the learning rate or the clipping norm.{remains}"));
        }
    }

    private double ValueOf(EvaluationResult evaluation) => _options.BestMetric switch
    {
        BestMetric.MicroF1 => evaluation.Micro.F1,
        BestMetric.MacroF1 => evaluation.Macro.F1,
        BestMetric.MeanAveragePrecision => evaluation.AveragePrecisionMacro ?? 0,
        _ => -evaluation.Loss,
    };
}
