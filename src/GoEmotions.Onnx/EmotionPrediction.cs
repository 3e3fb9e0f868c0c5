namespace GoEmotions.Onnx;

/// <summary>What a classifier says of a text: the labels that hold, and the probability of each. Immutable and thread-safe.</summary>
public sealed class EmotionPrediction
{
    private readonly float[] _probabilities;

    internal EmotionPrediction(string text, LabelThresholds thresholds, ReadOnlySpan<float> probabilities, ScoredText scored)
    {
        Text = text;
        Labels = thresholds.Labels;
        Scored = scored;
        _probabilities = probabilities.ToArray();
        var emotions = new List<EmotionScore>();
        for (int label = 0; label < _probabilities.Length; label++)
        {
            if (thresholds.IsAbove(label, _probabilities[label]))
            {
                emotions.Add(new EmotionScore(Labels[label], label, _probabilities[label]));
            }
        }

        emotions.Sort(static (left, right) => left.Probability == right.Probability ? left.LabelIndex - right.LabelIndex : right.Probability.CompareTo(left.Probability));
        Emotions = emotions.AsReadOnly();
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>The labels at or above their thresholds, the most probable first; perhaps none.</summary>
    public IReadOnlyList<EmotionScore> Emotions { get; }

    /// <summary>All labels, in the order of <see cref="Probabilities"/>.</summary>
    public EmotionLabels Labels { get; }

    /// <summary>The probability of every label, <c>[labels]</c>, each in [0, 1]. Borrowed from this object.</summary>
    public ReadOnlySpan<float> Probabilities => _probabilities;

    /// <summary>What the model saw of the text.</summary>
    public ScoredText Scored { get; }
}
