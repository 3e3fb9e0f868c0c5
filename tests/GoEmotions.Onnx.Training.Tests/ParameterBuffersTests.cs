using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Training.Tests;

public sealed class ParameterBuffersTests
{
    private static readonly EncoderConfig Config = EncoderConfig.Create(EncoderSize.Tiny, 33, ["a", "b", "c"]);

    [Fact]
    public void ParameterBuffers_Segments_FollowEachOtherAndHoldWhatIsTreatedAlike()
    {
        IReadOnlyList<ParameterSpec> parameters = TrainingGraph.Create(Config).Parameters;
        using var buffers = new ParameterBuffers(parameters, spec => spec.LayerIndex != 0);
        int end = 0;
        foreach (ParameterSegment segment in buffers.Segments)
        {
            Assert.Equal(end, segment.Start);
            end += segment.Length;
        }

        Assert.Equal(buffers.TrainedLength, end);
        Assert.Equal(4, buffers.Segments.Count);
        Assert.Equal(parameters.Count, buffers.Slots.Count);
        foreach (ParameterSlot slot in buffers.Slots)
        {
            Assert.Equal(0, slot.Start % 16);
            Assert.Equal(slot.IsTrained, slot.Start + slot.Length <= buffers.TrainedLength);
            if (slot.IsTrained)
            {
                ParameterSegment segment = buffers.Segments.Single(segment => slot.Start >= segment.Start && slot.Start < segment.Start + segment.Length);
                Assert.Equal((slot.Spec.TakesWeightDecay, slot.Spec.Role == ParameterRole.Head), (segment.TakesWeightDecay, segment.IsHead));
            }
        }
    }

    [Fact]
    public void ParameterBuffers_LoadedParameters_ComeBackUnchanged()
    {
        TrainingGraph graph = TrainingGraph.Create(Config);
        ParameterSet parameters = ParameterInitializer.Initialize(Config, 5);
        using var buffers = new ParameterBuffers(graph.Parameters, _ => true);
        buffers.Load(parameters);
        ParameterSet back = buffers.ToParameterSet(graph.Parameters);
        Assert.Equal(parameters.Select(parameter => parameter.Name), back.Select(parameter => parameter.Name));
        Assert.All(parameters, parameter => Assert.Equal(parameter.Values.ToArray(), back[parameter.Name].Values.ToArray()));
    }

    [Fact]
    public void ParameterBuffers_Disposed_SaysSo()
    {
        var buffers = new ParameterBuffers(TrainingGraph.Create(Config).Parameters, _ => true);
        buffers.Dispose();
        buffers.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffers.Weights.Length);
    }
}
