namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>A row with a wrong decision.</summary>
/// <param name="Row">Its index.</param>
/// <param name="Loss">Its binary cross-entropy summed over the labels, in nats.</param>
internal readonly record struct RowMistake(int Row, double Loss)
{
    /// <summary>The rows with any wrong decision and the highest loss, the worst first.</summary>
    public static IReadOnlyList<RowMistake> Worst(EvaluationInput input, LabelThresholds thresholds, int count)
    {
        var mistakes = new List<RowMistake>();
        int labelCount = input.Labels.Count;
        for (int row = 0; row < input.Scores.Length / labelCount; row++)
        {
            ReadOnlySpan<float> scores = input.Scores.Span.Slice(row * labelCount, labelCount);
            ReadOnlySpan<bool> truth = input.Truth.Span.Slice(row * labelCount, labelCount);
            bool isWrong = false;
            double loss = 0;
            for (int label = 0; label < labelCount; label++)
            {
                isWrong |= thresholds.IsAbove(label, scores[label]) != truth[label];
                loss += MultiLabelMetrics.Loss(scores[label], truth[label]);
            }

            if (isWrong)
            {
                mistakes.Add(new RowMistake(row, loss));
            }
        }

        return [.. mistakes.OrderByDescending(mistake => mistake.Loss).ThenBy(mistake => mistake.Row).Take(count)];
    }
}
