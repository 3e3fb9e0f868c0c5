using System.Globalization;

namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>The checks that every matrix of scores passes before anything is computed from it.</summary>
internal static class ScoreMatrix
{
    /// <summary>Checks scores and truth of <c>[rows, labels]</c> and returns the number of rows, at least 1.</summary>
    public static int CheckRows(EmotionLabels labels, ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        if (scores.Length == 0 || scores.Length % labels.Count != 0)
        {
            Throw.Argument($"'scores' has {scores.Length} elements, expected rows x {labels.Count} labels, at least one row.", nameof(scores));
        }

        if (truth.Length != scores.Length)
        {
            Throw.Argument($"'truth' has {truth.Length} elements, expected {scores.Length} as 'scores' ({scores.Length / labels.Count} rows x {labels.Count} labels).", nameof(truth));
        }

        int wrong = FirstOutsideUnit(scores);
        if (wrong >= 0)
        {
            Throw.Argument($"the score in row {wrong / labels.Count} of label '{labels[wrong % labels.Count]}' is {Format(scores[wrong])}, expected a probability in [0, 1]. Apply the sigmoid to the logits.", nameof(scores));
        }

        return scores.Length / labels.Count;
    }

    /// <summary>Checks that logits are finite and as many as the scores.</summary>
    public static void CheckLogits(EmotionLabels labels, ReadOnlySpan<float> logits, int expectedLength)
    {
        if (logits.Length != expectedLength)
        {
            Throw.Argument($"'logits' has {logits.Length} elements, expected {expectedLength} as 'scores'.", nameof(logits));
        }

        for (int index = 0; index < logits.Length; index++)
        {
            if (!float.IsFinite(logits[index]))
            {
                Throw.Argument($"the logit in row {index / labels.Count} of label '{labels[index % labels.Count]}' is {Format(logits[index])}, expected a finite number.", nameof(logits));
            }
        }
    }

    /// <summary>Checks scores and truth of one label.</summary>
    public static void CheckColumn(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        CheckSameLength(scores.Length, nameof(scores), truth, nameof(truth));
        int wrong = FirstOutsideUnit(scores);
        if (wrong >= 0)
        {
            Throw.Argument($"score {wrong} is {Format(scores[wrong])}, expected a probability in [0, 1]. Apply the sigmoid to the logits.", nameof(scores));
        }
    }

    /// <summary>The index of the first score that is no probability in [0, 1], or -1.</summary>
    public static int FirstOutsideUnit(ReadOnlySpan<float> scores)
    {
        for (int index = 0; index < scores.Length; index++)
        {
            if (!(scores[index] is >= 0f and <= 1f))
            {
                return index;
            }
        }

        return -1;
    }

    public static void CheckSameLength(int length, string name, ReadOnlySpan<bool> truth, string truthName)
    {
        if (length != truth.Length)
        {
            Throw.Argument($"'{truthName}' has {truth.Length} elements, expected {length} as '{name}'.", truthName);
        }
    }

    private static string Format(float value) => value.ToString(CultureInfo.InvariantCulture);
}
