using System.Globalization;
using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Cli.Runs;

/// <summary>
/// What teachers say of the training texts: the mean of their probabilities, row-major [texts, labels]. It is kept in the run folder, so
/// that a resumed run has the same bits, whatever threads or versions it scores with, and does not need the teachers.
/// </summary>
internal static class TeacherScores
{
    /// <summary>Texts from one look at Ctrl-C to the next.</summary>
    private const int ChunkSize = 1024;

    private const string TensorName = "teacher_probabilities";

    /// <summary>Scores the training texts with each teacher.</summary>
    /// <param name="teachers">Model directories with the data's labels; each has its own vocabulary.</param>
    /// <param name="training">The training split.</param>
    /// <param name="threads">The threads, or null for all processors.</param>
    /// <param name="console">Takes the progress.</param>
    /// <param name="cancellation">Ends the scoring.</param>
    public static async Task<float[]> ScoreAsync(IReadOnlyList<string> teachers, EmotionDataset training, int? threads, CliConsole console, CancellationToken cancellation)
    {
        foreach (string path in teachers)
        {
            CheckLabels(path, training.Labels);
        }

        string[] texts = [.. training.Select(example => example.Text)];
        int labelCount = training.Labels.Count;
        var mean = new float[texts.Length * labelCount];
        var scores = new float[ChunkSize * labelCount];
        await using ProgressDisplay display = ProgressDisplay.Start(console, "teachers", (double)teachers.Count * texts.Length);
        for (int index = 0; index < teachers.Count; index++)
        {
            using EmotionClassifier teacher = CheckpointClassifier.Load(teachers[index], display.Note, new EmotionClassifierOptions { Variant = ModelVariant.Fp32, IntraOpThreads = threads });
            for (int start = 0; start < texts.Length; start += ChunkSize)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(ChunkSize, texts.Length - start);
                Span<float> sum = mean.AsSpan(start * labelCount, count * labelCount);
                teacher.Score(texts.AsSpan(start, count), scores);
                TensorPrimitives.Add(sum, scores.AsSpan(0, sum.Length), sum);
                int done = start + count;
                display.Update(((double)index * texts.Length) + done, () => string.Create(CultureInfo.InvariantCulture, $"teacher {index + 1} of {teachers.Count}: {done:N0} of {texts.Length:N0} training texts scored"));
            }
        }

        TensorPrimitives.Divide(mean, teachers.Count, mean);
        display.Note(string.Create(CultureInfo.InvariantCulture, $"{texts.Length:N0} training texts scored by {teachers.Count} teacher{(teachers.Count == 1 ? "" : "s")}"));
        return mean;
    }

    /// <summary>Keeps the probabilities.</summary>
    public static void Save(string file, float[] probabilities, EmotionDataset training) =>
        SafetensorsFile.Write(file, [new Parameter(TensorName, [training.Count, training.Labels.Count], probabilities)]);

    /// <summary>Reads the probabilities of a run that was started earlier.</summary>
    public static float[] Load(string file, EmotionDataset training)
    {
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"{file} does not exist, expected the teachers' probabilities that the run began with. Start it again with --force.", file);
        }

        using SafetensorsFile tensors = SafetensorsFile.Open(file);
        long[] shape = [training.Count, training.Labels.Count];
        if (!tensors.TryGet(TensorName, out SafetensorsTensor? tensor) || !tensor!.Shape.SequenceEqual(shape))
        {
            throw new InvalidDataException($"{file}: tensor '{TensorName}' is {(tensor is null ? "missing" : $"[{string.Join(", ", tensor.Shape)}]")}, expected [{string.Join(", ", shape)}], training texts and labels. Start the run again with --force.");
        }

        var probabilities = new float[training.Count * training.Labels.Count];
        tensors.Read(tensor, probabilities);
        return probabilities;
    }

    // Before any of them scores, which may take long.
    private static void CheckLabels(string teacher, EmotionLabels labels)
    {
        EmotionLabels own = ModelDirectory.Open(teacher).Config.Labels ?? EmotionLabels.GoEmotions;
        if (!own.Equals(labels))
        {
            int shorter = Math.Min(own.Count, labels.Count);
            int differing = Enumerable.Range(0, shorter).FirstOrDefault(index => own[index] != labels[index], shorter);
            throw new InvalidDataException($"{teacher}: the teacher has {own.Count} labels, expected the data's {labels.Count} in their order; label {differing} is {Name(own, differing)}, expected {Name(labels, differing)}. Train it on data with these labels, or leave it out.");
        }
    }

    private static string Name(EmotionLabels labels, int index) => index < labels.Count ? $"'{labels[index]}'" : "none";
}
