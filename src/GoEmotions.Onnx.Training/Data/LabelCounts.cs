namespace GoEmotions.Onnx.Training.Data;

/// <summary>Positive examples by the name of the label, in label order.</summary>
internal static class LabelCounts
{
    public static IReadOnlyDictionary<string, int> ByName(EmotionDataset dataset) => ByName(dataset.Labels, dataset.CountLabels());

    public static IReadOnlyDictionary<string, int> ByName(EmotionLabels labels, ReadOnlySpan<int> counts)
    {
        var byName = new Dictionary<string, int>(labels.Count, StringComparer.Ordinal);
        for (int label = 0; label < labels.Count; label++)
        {
            byName.Add(labels[label], counts[label]);
        }

        return byName;
    }
}
