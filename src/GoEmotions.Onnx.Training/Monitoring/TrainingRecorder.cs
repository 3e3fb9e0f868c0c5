using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Monitoring;

/// <summary>
/// Keeps the course of a training in a folder while it goes: <c>metrics.jsonl</c>, a line at once for every few steps and every
/// evaluation, and an event file for TensorBoard. Not thread-safe.
/// </summary>
public sealed class TrainingRecorder : IDisposable
{
    /// <summary>The name of the file with the metrics.</summary>
    public const string MetricsFileName = "metrics.jsonl";

    /// <summary>What the names of TensorBoard's event files begin with.</summary>
    public const string EventFilePrefix = TensorBoardFile.NamePrefix;

    private readonly MetricsFile _metrics;
    private readonly TensorBoardFile _events;
    private readonly int _stepInterval;
    private TrainingProgress? _last;
    private double _lossSum;
    private int _lossCount;

    private TrainingRecorder(MetricsFile metrics, TensorBoardFile events, int stepInterval)
    {
        _metrics = metrics;
        _events = events;
        _stepInterval = stepInterval;
    }

    /// <summary>Opens the files of a folder.</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <param name="resumedAtStep">
    /// <see langword="null"/> for a new training. Otherwise the optimizer steps of the checkpoint that a training resumes from: what the
    /// folder's files hold of later steps is cut off, or declared void, so that no step stands in them twice.
    /// </param>
    /// <param name="stepInterval">How many steps share a line, 1 or more.</param>
    /// <param name="time">The clock; <see langword="null"/> for the system's.</param>
    /// <returns>The recorder, the caller's to dispose of.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="stepInterval"/> is less than 1, or <paramref name="resumedAtStep"/> negative.</exception>
    /// <exception cref="IOException">A file cannot be written, or there is one already where a new training was asked for.</exception>
    /// <exception cref="InvalidDataException">A line of the metrics is none that a training wrote.</exception>
    public static TrainingRecorder Open(string folder, int? resumedAtStep = null, int stepInterval = 10, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepInterval, 1);
        if (resumedAtStep is int step)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(step, nameof(resumedAtStep));
        }

        MetricsFile metrics = MetricsFile.Open(Path.Combine(folder, MetricsFileName), resumedAtStep);
        try
        {
            return new TrainingRecorder(metrics, TensorBoardFile.Create(folder, resumedAtStep, time ?? TimeProvider.System), stepInterval);
        }
        catch
        {
            metrics.Dispose();
            throw;
        }
    }

    /// <summary>Takes a training step, as <see cref="TrainingRunOptions.OnStep"/> reports it.</summary>
    /// <param name="progress">Where the training stands.</param>
    /// <exception cref="ArgumentNullException"><paramref name="progress"/> is null.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Record(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _lossSum += progress.Loss;
        _lossCount++;
        if (progress.StepNumber % _stepInterval != 0 && progress.StepNumber != progress.StepCount)
        {
            return;
        }

        double seconds = progress.TrainingTime.TotalSeconds - (_last?.TrainingTime.TotalSeconds ?? 0);
        bool isTimed = seconds > 0 && (_last is not null || progress.StepNumber == _lossCount);
        var point = new TrainingPoint
        {
            StepNumber = progress.StepNumber,
            EpochNumber = progress.EpochNumber,
            Loss = _lossSum / _lossCount,
            LearningRate = progress.LearningRate,
            GradientNorm = progress.GradientNorm,
            SamplesPerSecond = isTimed ? (progress.Samples - (_last?.Samples ?? 0)) / seconds : null,
            TokensPerSecond = isTimed ? (progress.Tokens - (_last?.Tokens ?? 0)) / seconds : null,
        };
        _last = progress;
        _lossSum = 0;
        _lossCount = 0;
        _metrics.Write(point);
        _events.WriteScalars(
            point.StepNumber,
            ("train/loss", point.Loss),
            ("train/learning_rate", point.LearningRate),
            ("train/gradient_norm", point.GradientNorm),
            ("train/samples_per_second", point.SamplesPerSecond),
            ("train/tokens_per_second", point.TokensPerSecond));
    }

    /// <summary>Takes an evaluation, as <see cref="TrainingRunOptions.OnEvaluation"/> reports it.</summary>
    /// <param name="record">What it came to, in short.</param>
    /// <param name="result">What it came to.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Record(EvaluationRecord record, EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(result);
        _metrics.Write(record, result);
        _events.WriteScalars(
            record.StepNumber,
            ("dev/loss", record.Loss),
            ("dev/micro_f1", record.Micro.F1),
            ("dev/macro_f1", record.Macro.F1),
            ("dev/map", record.AveragePrecisionMacro),
            ("dev/subset_accuracy", record.SubsetAccuracy),
            ("dev/roc_auc_micro", record.RocAucMicro));
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _metrics.Dispose();
        _events.Dispose();
    }
}
