using System.Text.Json;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Tests.Evaluation;

/// <summary>Compares the JSON of an evaluation with an independent program that follows the definitions word by word.</summary>
public sealed class ReferenceMetricsTests
{
    // JSON holds 10 decimals, and sums in another order differ far below that.
    private const double Tolerance = 1e-9;

    [Theory]
    [InlineData(100, 28, 0)]
    [InlineData(200, 4, 10)]
    [InlineData(50, 3, 2)]
    [InlineData(1, 5, 0)]
    public void Evaluator_RandomScores_AgreesWithTheReferenceProgram(int rows, int labelCount, int steps)
    {
        EvaluationInput input = RandomInput(rows, labelCount, steps);
        string json = JsonSerializer.Serialize(new
        {
            labels = labelCount,
            scores = input.Scores.ToArray().Select(score => (double)score),
            truth = input.Truth.ToArray().Select(isTrue => isTrue ? 1 : 0),
            thresholds = input.Thresholds!.Values.ToArray().Select(threshold => (double)threshold),
        });
        JsonElement expected = ReferenceProgram.Run(json, TestContext.Current.CancellationToken);
        using var stream = new MemoryStream();
        Evaluator.Evaluate(input).WriteJson(stream);
        using JsonDocument actual = JsonDocument.Parse(stream.ToArray());
        foreach (JsonProperty metric in expected.EnumerateObject().Where(metric => metric.Value.ValueKind != JsonValueKind.Array))
        {
            AssertSame(metric, actual.RootElement);
        }

        for (int label = 0; label < labelCount; label++)
        {
            foreach (JsonProperty metric in expected.GetProperty("per_label")[label].EnumerateObject())
            {
                AssertSame(metric, actual.RootElement.GetProperty("per_label").GetProperty(input.Labels[label]));
            }
        }
    }

    private static void AssertSame(JsonProperty expected, JsonElement parent)
    {
        JsonElement actual = parent.GetProperty(expected.Name);
        Assert.True(actual.ValueKind == expected.Value.ValueKind, $"{expected.Name}: {actual.GetRawText()}, expected {expected.Value.GetRawText()}");
        if (actual.ValueKind == JsonValueKind.Number)
        {
            double difference = Math.Abs(actual.GetDouble() - expected.Value.GetDouble());
            Assert.True(difference <= Tolerance, $"{expected.Name}: {actual.GetRawText()}, expected {expected.Value.GetRawText()}");
        }
    }

    /// <summary>Scores in steps (0: any) so that ties occur; the last label is true of no row, the one before it of every row.</summary>
    private static EvaluationInput RandomInput(int rows, int labelCount, int steps)
    {
        var random = new DeterministicRandom(rows * labelCount);
        float[] scores = new float[rows * labelCount];
        bool[] truth = new bool[scores.Length];
        for (int index = 0; index < scores.Length; index++)
        {
            int label = index % labelCount;
            truth[index] = label != labelCount - 1 && (label == labelCount - 2 || random.NextDouble() < 1.0 / (label + 2));
            double score = (random.NextDouble() * 0.7) + (truth[index] ? 0.3 : 0);
            scores[index] = (float)(steps == 0 ? score : Math.Round(score * steps) / steps);
        }

        EmotionLabels labels = EmotionLabels.Create(Enumerable.Range(0, labelCount).Select(label => $"label {label}"));
        float[] thresholds = [.. Enumerable.Range(0, labelCount).Select(label => steps == 0 ? 0.3f + (0.01f * label) : (float)(label % (steps + 1)) / steps)];
        return new EvaluationInput
        {
            Labels = labels,
            Scores = scores,
            Truth = truth,
            Thresholds = LabelThresholds.Create(labels, thresholds),
            Bootstrap = null,
        };
    }
}
