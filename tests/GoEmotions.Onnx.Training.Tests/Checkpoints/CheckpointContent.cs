using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Checkpoints;

namespace GoEmotions.Onnx.Training.Tests.Checkpoints;

/// <summary>What two checkpoints of one training must have in common to the bit: all but the times.</summary>
internal sealed record CheckpointContent(TrainingState State, IReadOnlyDictionary<string, float[]> Tensors)
{
    public static CheckpointContent Read(string path)
    {
        TrainingState state;
        using (TrainingCheckpoint checkpoint = TrainingCheckpoint.Open(path))
        {
            state = checkpoint.State;
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);
        var tensors = new Dictionary<string, float[]>();
        foreach (SafetensorsTensor tensor in file.Tensors.Where(tensor => tensor.ElementType == ElementType.Float32))
        {
            float[] values = new float[tensor.ElementCount];
            file.Read(tensor, values);
            tensors.Add(tensor.Name, values);
        }

        return new CheckpointContent(state, tensors);
    }

    public static EvaluationRecord WithoutTimes(EvaluationRecord record) =>
        record with { TrainingTime = default, EvaluationTime = default, SamplesPerSecond = 0, WorkingSetInBytes = 0 };

    public void AssertSame(CheckpointContent other)
    {
        Assert.Equal(State.Evaluations.Select(WithoutTimes), other.State.Evaluations.Select(WithoutTimes));
        Assert.Equal(State with { TrainingTime = default, Evaluations = [] }, other.State with { TrainingTime = default, Evaluations = [] });
        Assert.Equal(Tensors.Keys, other.Tensors.Keys);
        Assert.All(Tensors, tensor => Assert.True(tensor.Value.AsSpan().SequenceEqual(other.Tensors[tensor.Key]), $"'{tensor.Key}' differs"));
    }
}
