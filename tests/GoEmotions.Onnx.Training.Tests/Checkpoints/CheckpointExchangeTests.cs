using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Training.Artifacts;
using GoEmotions.Onnx.Training.Checkpoints;

namespace GoEmotions.Onnx.Training.Tests.Checkpoints;

public sealed class CheckpointExchangeTests
{
    [Fact]
    public void TrainingCheckpoint_ThroughOnnxRuntimesCheckpoint_ComesBackToTheBit()
    {
        using var folder = new TemporaryFolder();
        EncoderConfig config = SmallTraining.ConfigOf(SmallTraining.Smallest);
        using (CheckpointFolder checkpoints = CheckpointFolder.Open(folder["checkpoints"]))
        using (Trainer trainer = SmallTraining.Create(SmallTraining.Options with { MaxSteps = 5 }, SmallTraining.Smallest))
        {
            trainer.Run(new TrainingRunOptions { Checkpoints = checkpoints }, TestContext.Current.CancellationToken);
        }

        using CheckpointFolder written = CheckpointFolder.Open(folder["checkpoints"]);
        using TrainingCheckpoint checkpoint = written.OpenLatest(out _)!;
        using var ours = new ParameterBuffers(TrainingGraph.Create(config).Parameters, _ => true);
        checkpoint.CopyTo(ours);
        Assert.Contains(ours.FirstMoments.ToArray(), moment => moment != 0);

        OrtCheckpointFile.Save(OrtCheckpoint.FromBuffers(ours, checkpoint.State.StepNumber), folder["checkpoint"]);
        using var back = new ParameterBuffers(TrainingGraph.Create(config).Parameters, _ => true);
        Assert.Equal(5, OrtCheckpointFile.Load(folder["checkpoint"]).CopyTo(back));
        Assert.True(ours.Weights.SequenceEqual(back.Weights));
        Assert.True(ours.FirstMoments.SequenceEqual(back.FirstMoments));
        Assert.True(ours.SecondMoments.SequenceEqual(back.SecondMoments));
    }

    [Fact]
    public void TrainingCheckpoint_BlocksOfAnotherModel_AreRefusedAndStayAsTheyWere()
    {
        using var folder = new TemporaryFolder();
        using CheckpointFolder checkpoints = CheckpointFolder.Open(folder["checkpoints"]);
        using (Trainer trainer = SmallTraining.Create(SmallTraining.Options with { MaxSteps = 1 }, SmallTraining.Smallest))
        {
            trainer.Run(new TrainingRunOptions { Checkpoints = checkpoints }, TestContext.Current.CancellationToken);
        }

        using TrainingCheckpoint checkpoint = checkpoints.OpenLatest(out _)!;
        using var other = new ParameterBuffers(TrainingGraph.Create(SmallTraining.ConfigOf(EncoderSize.Tiny)).Parameters, _ => true);
        Assert.Contains("expected [", Assert.Throws<InvalidDataException>(() => checkpoint.CopyTo(other)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(other.Weights.ToArray(), weight => weight != 0);
    }
}
