using System.Globalization;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Cli.Runs;

/// <summary>The whole configuration of a run as names and values, for <c>run.json</c> and the report.</summary>
internal static class RunSettings
{
    public static IReadOnlyList<KeyValuePair<string, string>> Describe(RunInput input, Trainer trainer)
    {
        TrainingOptions options = input.Options;
        var settings = new List<KeyValuePair<string, string>>();
        Add("preset", input.Preset);
        Add("data", input.DataName);
        Add("texts", $"{input.Training.Count} for training, {input.Development.Count} for development{(input.HeldOut is EmotionDataset held ? $", {held.Count} held out for the thresholds" : "")}");
        Add("base", input.BasePath);
        Add("encoder", $"{input.Config.ModelType}, {input.Config.LayerCount} layers, hidden size {input.Config.HiddenSize}, {input.Config.VocabularySize} pieces");
        Add("labels", input.Config.Labels.Count);
        Add("epochs", options.MaxSteps is int most ? string.Create(CultureInfo.InvariantCulture, $"{options.Epochs}, ended at {most} steps") : options.Epochs.ToString(CultureInfo.InvariantCulture));
        Add("steps", trainer.StepCount);
        Add("batch size", options.BatchSize);
        Add("padded tokens in a batch at most", options.MaxBatchTokens);
        Add("batches to a step", options.AccumulationSteps);
        Add("tokens of a text at most", options.MaxLength);
        Add("learning rate", options.LearningRate);
        Add("learning rate of the head", options.HeadLearningRate ?? options.LearningRate);
        Add("schedule", options.Schedule.ToString().ToLowerInvariant());
        Add("warm-up, part of the steps", options.WarmupFraction);
        Add("weight decay", options.Optimizer.WeightDecay);
        Add("AdamW's betas and epsilon", string.Create(CultureInfo.InvariantCulture, $"{options.Optimizer.Beta1}, {options.Optimizer.Beta2}, {options.Optimizer.Epsilon}"));
        Add("clipping norm", options.ClipNorm);
        Add("dropout", options.Dropout ? Dropout(input.Config) : "none");
        Add("token dropout", options.TokenDropout > 0 ? options.TokenDropout.ToString(CultureInfo.InvariantCulture) : "none");
        Add("frozen", input.Frozen.Length == 0 ? "nothing" : input.Frozen);
        Add("weights of positives", input.PositiveWeighting);
        Add("focal gamma", options.Loss.FocalGamma);
        Add("label smoothing", options.Loss.LabelSmoothing);
        Add("teachers", string.Join(", ", input.Teachers));
        Add("weight of the teachers", input.Teachers.Count == 0 ? null : input.TeacherWeight);
        Add("best by", options.BestMetric);
        Add("patience, evaluations", options.Patience);
        Add("steps to an evaluation", options.EvaluationSteps?.ToString(CultureInfo.InvariantCulture) ?? "an epoch's");
        Add("thresholds tuned on", input.Thresholds switch { ThresholdData.Dev => "the development texts", ThresholdData.HeldOut => "held-out training texts", _ => "nothing: 0.5" });
        Add("seed", options.Seed);
        Add("device", options.Device);
        return settings;

        void Add(string name, object? value) => settings.Add(new(name, Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "none"));
    }

    private static string Dropout(EncoderConfig config) => string.Create(CultureInfo.InvariantCulture, $"{config.HiddenDropout} hidden, {config.AttentionDropout} attention, {config.ClassifierDropout} classifier");
}
