namespace GoEmotions.Onnx.Training.Data;

/// <summary>Finds the label set of a file that does not carry it: the one asked for, the <c>labels.txt</c> beside it, or GoEmotions' 28.</summary>
internal static class LabelSource
{
    public const string FileName = "labels.txt";

    /// <summary>The labels whose order the ids of the file follow.</summary>
    public static (EmotionLabels Labels, string Origin) OfFile(string source, EmotionLabels? requested)
    {
        string path = Path.Combine(Path.GetDirectoryName(source) ?? "", FileName);
        if (File.Exists(path))
        {
            return (EmotionLabels.Load(path), $"{path} beside the file");
        }

        return requested is null
            ? (EmotionLabels.GoEmotions, $"the 28 labels of GoEmotions, there being no {FileName} beside the file")
            : (requested, $"the labels asked for, there being no {FileName} beside the file");
    }
}
