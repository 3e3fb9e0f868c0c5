using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>The metrics of a written graph on a split.</summary>
/// <param name="Split">The split's name.</param>
/// <param name="Variant">The variant.</param>
/// <param name="Result">The metrics, decided by the model's thresholds.</param>
internal sealed record GraphEvaluation(string Split, ModelVariant Variant, EvaluationResult Result)
{
    /// <summary>Measures every variant that a model directory has, split by split.</summary>
    public static IEnumerable<GraphEvaluation> Measure(string modelDirectory, IReadOnlyList<ServingPrecision> variants, IReadOnlyList<EvaluationSplit> splits, CancellationToken cancellationToken)
    {
        if (splits.Count == 0)
        {
            yield break;
        }

        foreach (EmotionClassifierOptions options in OptionsOf(modelDirectory, variants))
        {
            using EmotionClassifier classifier = EmotionClassifier.Load(modelDirectory, options);
            foreach (EvaluationSplit split in splits)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new GraphEvaluation(split.Name, options.Variant, Evaluate(classifier, split));
            }
        }
    }

    /// <summary>How the variants of a model directory are loaded; those that were not written are left out.</summary>
    public static IEnumerable<EmotionClassifierOptions> OptionsOf(string modelDirectory, IReadOnlyList<ServingPrecision> variants)
    {
        ModelDirectory directory = ModelDirectory.Open(modelDirectory);
        return variants.Order()
            .Select(variant => new EmotionClassifierOptions { Variant = VariantOf(variant) })
            .Where(options => directory.HasGraph(options));
    }

    private static ModelVariant VariantOf(ServingPrecision precision) => precision switch
    {
        ServingPrecision.Int8 => ModelVariant.Int8,
        ServingPrecision.Float16 => ModelVariant.Fp16,
        _ => ModelVariant.Fp32,
    };

    private static EvaluationResult Evaluate(EmotionClassifier classifier, EvaluationSplit split)
    {
        var logits = new float[split.Dataset.Count * classifier.Labels.Count];
        classifier.ScoreLogits([.. split.Dataset.Select(example => example.Text)], logits);
        var probabilities = new float[logits.Length];
        TensorPrimitives.Sigmoid(logits, probabilities);
        return Evaluator.Evaluate(new EvaluationInput
        {
            Labels = classifier.Labels,
            Scores = probabilities,
            Logits = logits,
            Truth = split.Dataset.ToTruthMatrix(),
            Thresholds = classifier.Thresholds,
        });
    }
}
