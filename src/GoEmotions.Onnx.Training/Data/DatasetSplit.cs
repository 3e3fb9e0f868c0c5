namespace GoEmotions.Onnx.Training.Data;

/// <summary>A data set divided into parts. Immutable and thread-safe.</summary>
public sealed record DatasetSplit
{
    /// <summary>The examples to learn from.</summary>
    public required EmotionDataset Train { get; init; }

    /// <summary>The examples to choose epochs and thresholds by.</summary>
    public required EmotionDataset Dev { get; init; }

    /// <summary>The examples to judge by, or <see langword="null"/>. Nothing is ever tuned on them.</summary>
    public EmotionDataset? Test { get; init; }

    /// <summary>The labels of all parts.</summary>
    public EmotionLabels Labels => Train.Labels;

    /// <summary>What the user should know of the split: labels without a positive example in a part, texts that stand in two parts.</summary>
    /// <returns>A sentence each.</returns>
    public IReadOnlyList<string> FindProblems()
    {
        var problems = new List<string>();
        var trainTexts = new HashSet<string>(Train.Select(example => example.Text), StringComparer.Ordinal);
        foreach ((string name, EmotionDataset? part) in new[] { ("train", Train), ("dev", Dev), ("test", Test) })
        {
            if (part is null)
            {
                continue;
            }

            int[] counts = part.CountLabels();
            string[] without = [.. part.Labels.Where((_, label) => counts[label] == 0)];
            if (without.Length > 0)
            {
                problems.Add($"{name} has no positive example of {string.Join(", ", without)} among {part.Count} examples: nothing can be {(name == "train" ? "learnt" : "said")} about {(without.Length == 1 ? "it" : "them")} there.");
            }

            int repeated = name == "train" ? 0 : part.Count(example => trainTexts.Contains(example.Text));
            if (repeated > 0)
            {
                problems.Add($"{repeated} of {part.Count} texts of {name} stand in train, too: figures on {name} flatter the model.");
            }
        }

        return problems;
    }
}
