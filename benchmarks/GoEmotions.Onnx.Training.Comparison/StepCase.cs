using System.Globalization;
using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>A model and a shape of batches.</summary>
/// <param name="Size">The encoder.</param>
/// <param name="Batch">The texts of a batch.</param>
/// <param name="Sequence">The tokens of each text; none is padding.</param>
/// <param name="Rounds">How often each side is timed.</param>
internal sealed record StepCase(EncoderSize Size, int Batch, int Sequence, int Rounds)
{
    public const int LabelCount = 28;

    public const int VocabularySize = 30_522;

    public static IReadOnlyList<StepCase> All { get; } =
    [
        new(EncoderSize.Tiny, 32, 24, 40),
        new(EncoderSize.Small, 16, 32, 20),
        new(EncoderSize.Small, 32, 24, 15),
        new(EncoderSize.Small, 8, 128, 12),
        new(EncoderSize.Base, 16, 32, 8),
    ];

    /// <summary>Whether a quick run has it: the smallest, and the one that others are related to.</summary>
    public bool IsQuick => Size == EncoderSize.Tiny || Sequence == 128;

    public string Model => string.Create(CultureInfo.InvariantCulture, $"{Size.LayerCount}x{Size.HiddenSize}");

    public string Shape => string.Create(CultureInfo.InvariantCulture, $"{Batch}x{Sequence}");

    public EncoderConfig Config => EncoderConfig.Create(Size, VocabularySize, [.. Enumerable.Range(0, LabelCount).Select(label => $"label {label}")]);

    /// <summary>Random ids and targets, the same for a seed on every side.</summary>
    public (int[][] Ids, float[] Targets) RandomTexts(int seed)
    {
        var random = new Random(seed);
        int[][] ids = [.. Enumerable.Range(0, Batch).Select(_ => Enumerable.Range(0, Sequence).Select(_ => random.Next(VocabularySize)).ToArray())];
        return (ids, [.. Enumerable.Range(0, Batch * LabelCount).Select(_ => random.Next(20) == 0 ? 1f : 0)]);
    }
}
