using System.Collections.Frozen;
using GoEmotions.Onnx.Training.Artifacts;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>The entries of a folder of training artifacts, which <c>--force</c> may replace.</summary>
internal static class ArtifactFileNames
{
    public static FrozenSet<string> All { get; } = new[]
    {
        TrainingArtifacts.TrainingModelFileName, TrainingArtifacts.EvaluationModelFileName, TrainingArtifacts.OptimizerModelFileName, OrtCheckpoint.FileName,
    }.ToFrozenSet(StringComparer.Ordinal);
}
