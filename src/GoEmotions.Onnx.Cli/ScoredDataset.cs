using System.Numerics.Tensors;
using GoEmotions.Onnx.Training.Data;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Cli;

/// <summary>A labelled data set with what a classifier says of it, as evaluation and threshold search take it.</summary>
internal sealed class ScoredDataset
{
    private ScoredDataset(EmotionDataset dataset, float[] logits, float[] probabilities, bool[] truth)
    {
        Dataset = dataset;
        Logits = logits;
        Probabilities = probabilities;
        Truth = truth;
    }

    public EmotionDataset Dataset { get; }

    /// <summary>Row-major [rows, labels].</summary>
    public float[] Logits { get; }

    /// <summary>Row-major [rows, labels], each in [0, 1].</summary>
    public float[] Probabilities { get; }

    /// <summary>Row-major [rows, labels].</summary>
    public bool[] Truth { get; }

    /// <summary>Reads a file, or the development split of a data set folder, and scores its texts.</summary>
    public static ScoredDataset Score(EmotionClassifier classifier, string path, Action<string> note) =>
        Score(classifier, LabelledTexts.Read(path, classifier.Labels, note));

    /// <summary>Scores the texts of a data set that has the classifier's labels.</summary>
    public static ScoredDataset Score(EmotionClassifier classifier, EmotionDataset dataset)
    {
        string[] texts = [.. dataset.Select(example => example.Text)];
        int labelCount = classifier.Labels.Count;
        var logits = new float[dataset.Count * labelCount];
        classifier.ScoreLogits(texts, logits);
        var probabilities = new float[logits.Length];
        TensorPrimitives.Sigmoid(logits, probabilities);
        return new ScoredDataset(dataset, logits, probabilities, dataset.ToTruthMatrix());
    }

    /// <summary>What an evaluation takes.</summary>
    public EvaluationInput ToEvaluationInput(LabelThresholds thresholds, string modelName, string dataName) => new()
    {
        Labels = Dataset.Labels,
        Scores = Probabilities,
        Logits = Logits,
        Truth = Truth,
        Thresholds = thresholds,
        Texts = [.. Dataset.Select(example => example.Text)],
        ModelName = modelName,
        DataName = dataName,
    };
}
