using System.Diagnostics;
using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Batching;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Evaluation;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// Fine-tunes a classifier on the ordinary ONNX Runtime: gradient graph, AdamW, an evaluation after each epoch. Owns its
/// parameters; not thread-safe.
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>The largest batch of an evaluation in padded tokens.</summary>
    private const int EvaluationBatchTokens = 4096;

    private readonly EncoderConfig _config;
    private readonly TrainingOptions _options;
    private readonly EncodedDataset _training;
    private readonly EncodedDataset _development;
    private readonly bool[] _developmentTruth;
    private readonly TokenDropout _tokenDropout;
    private readonly TrainingGraph _graph;
    private readonly ParameterBuffers _buffers;
    private readonly GradientStep _step;
    private readonly ForwardPass _forward;
    private readonly ParallelOptions _parallel;

    /// <summary>Prepares a training: encodes the texts, builds the graphs and opens their sessions.</summary>
    /// <param name="checkpoint">Where to start from.</param>
    /// <param name="tokenizer">The tokenizer with the checkpoint's vocabulary.</param>
    /// <param name="training">The training split.</param>
    /// <param name="development">The development split, with the same labels.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, a split is empty, or labels, vocabulary and checkpoint do not fit each other.</exception>
    public Trainer(Checkpoint checkpoint, WordPieceTokenizer tokenizer, EmotionDataset training, EmotionDataset development, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(development);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Check(checkpoint.Config, tokenizer, training, development, options);
        _config = checkpoint.Config;
        _options = options;
        int threads = options.Threads ?? Environment.ProcessorCount;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _training = EncodedDataset.Encode(training, tokenizer, options.MaxLength);
        _development = EncodedDataset.Encode(development, tokenizer, options.MaxLength);
        _developmentTruth = development.ToTruthMatrix();
        _tokenDropout = new TokenDropout(options.TokenDropout, tokenizer.UnknownTokenId, (ulong)options.Seed);
        _graph = TrainingGraph.Create(_config, new TrainingGraphOptions { Loss = options.Loss, Trains = options.Trains, Dropout = options.Dropout });
        _buffers = new ParameterBuffers(_graph.Parameters, options.Trains ?? (_ => true));
        _buffers.Load(checkpoint.Parameters);
        _step = new GradientStep(_graph, _buffers, threads, (ulong)options.Seed);
        _forward = new ForwardPass(_config, _buffers, threads, EvaluationBatchTokens);
    }

    /// <summary>The number of texts of the training split that are cut at the maximal length.</summary>
    public int TruncatedCount => _training.TruncatedCount;

    /// <summary>Trains.</summary>
    /// <param name="onStep">Is told where the training stands after each optimizer step.</param>
    /// <param name="onEpoch">Is told what each epoch came to.</param>
    /// <param name="cancellationToken">Ends the training before the next step.</param>
    /// <returns>The best parameters and the record of all epochs.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The loss or a gradient is not a finite number.</exception>
    public TrainingResult Run(Action<TrainingProgress>? onStep = null, Action<EpochResult>? onEpoch = null, CancellationToken cancellationToken = default)
    {
        int[][][] epochs = [.. Enumerable.Range(0, _options.Epochs).Select(epoch => LengthGroupedBatches.Plan(_training.Lengths, _options.BatchSize, _options.MaxBatchTokens, _options.Seed, epoch))];
        int stepCount = Math.Min(epochs.Sum(batches => batches.Length), _options.MaxSteps ?? int.MaxValue);
        var schedule = new LearningRateSchedule { Kind = _options.Schedule, WarmupSteps = (int)Math.Round(_options.WarmupFraction * stepCount), TotalSteps = stepCount };
        var optimizer = new Optimizer(_buffers, _options, schedule, _parallel);
        using var batch = new TokenBatch(_options.BatchSize * _options.MaxLength);
        var labels = new float[_options.BatchSize * _training.Labels.Count];
        var results = new List<EpochResult>();
        ParameterSet? best = null;
        int bestEpochNumber = 0;
        double bestValue = double.NegativeInfinity;
        long samples = 0;
        long tokens = 0;
        TimeSpan trainingTime = TimeSpan.Zero;
        for (int epoch = 0; epoch < epochs.Length && optimizer.StepCount < stepCount; epoch++)
        {
            double lossSum = 0;
            int epochSamples = 0;
            TimeSpan before = trainingTime;
            foreach (int[] examples in epochs[epoch].Take(stepCount - optimizer.StepCount))
            {
                cancellationToken.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                _training.Fill(batch, examples, labels);
                _tokenDropout.Apply(batch, (ulong)optimizer.StepCount);
                float loss = _step.Run(batch, labels.AsSpan(0, examples.Length * _training.Labels.Count), (ulong)optimizer.StepCount);
                RequireFinite(loss, "loss", epoch, optimizer.StepCount);
                double norm = optimizer.Norm();
                RequireFinite(norm, "norm of the gradients", epoch, optimizer.StepCount);
                double rate = optimizer.Step(norm);
                trainingTime += Stopwatch.GetElapsedTime(start);
                lossSum += (double)loss * examples.Length;
                epochSamples += examples.Length;
                samples += examples.Length;
                tokens += examples.Sum(example => (long)_training.Lengths[example]);
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

            long evaluationStart = Stopwatch.GetTimestamp();
            EvaluationResult evaluation = Evaluate(cancellationToken);
            double value = ValueOf(evaluation);
            bool isBest = value > bestValue;
            if (isBest)
            {
                bestValue = value;
                bestEpochNumber = epoch + 1;
                best = _buffers.ToParameterSet(_graph.Parameters);
            }

            var result = new EpochResult
            {
                EpochNumber = epoch + 1,
                StepNumber = optimizer.StepCount,
                TrainingLoss = lossSum / epochSamples,
                Evaluation = evaluation,
                IsBest = isBest,
                TrainingTime = trainingTime - before,
                EvaluationTime = Stopwatch.GetElapsedTime(evaluationStart),
                SamplesPerSecond = epochSamples / (trainingTime - before).TotalSeconds,
                WorkingSetInBytes = Environment.WorkingSet,
            };
            results.Add(result);
            onEpoch?.Invoke(result);
            if (epoch + 1 - bestEpochNumber >= _options.Patience)
            {
                break;
            }
        }

        return new TrainingResult { BestParameters = best!, BestEpochNumber = bestEpochNumber, Epochs = results };
    }

    /// <summary>Frees the sessions and the parameters.</summary>
    public void Dispose()
    {
        _step.Dispose();
        _forward.Dispose();
        _buffers.Dispose();
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

    internal static void RequireFinite(double value, string what, int epoch, int step)
    {
        if (!double.IsFinite(value))
        {
            throw new InvalidOperationException($"the {what} is {value} at step {step + 1} of epoch {epoch + 1}, expected a finite number. Lower the learning rate or the clipping norm.");
        }
    }

    private EvaluationResult Evaluate(CancellationToken cancellationToken)
    {
        float[] logits = _forward.Score(_development, cancellationToken);
        var probabilities = new float[logits.Length];
        TensorPrimitives.Sigmoid(logits, probabilities);
        return Evaluator.Evaluate(new EvaluationInput { Labels = _development.Labels, Scores = probabilities, Logits = logits, Truth = _developmentTruth, Bootstrap = null });
    }

    private double ValueOf(EvaluationResult evaluation) => _options.BestMetric switch
    {
        BestMetric.MicroF1 => evaluation.Micro.F1,
        BestMetric.MacroF1 => evaluation.Macro.F1,
        BestMetric.MeanAveragePrecision => evaluation.AveragePrecisionMacro ?? 0,
        _ => -evaluation.Loss,
    };
}
