using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>This project's training step.</summary>
internal sealed class OurSteps : IStepSide
{
    private readonly ParameterBuffers _buffers;
    private readonly GradientStep _step;
    private readonly Optimizer _optimizer;
    private readonly TokenBatch _batch;

    public OurSteps(EncoderConfig config, int maxBatchTokens, int threads)
    {
        TrainingGraph graph = TrainingGraph.Create(config);
        _buffers = new ParameterBuffers(graph.Parameters, _ => true);
        _buffers.Load(ParameterInitializer.Initialize(config, 1));
        _step = new GradientStep(graph, _buffers, threads, seed: 1);
        _optimizer = new Optimizer(_buffers, new TrainingOptions(), new LearningRateSchedule(), new ParallelOptions { MaxDegreeOfParallelism = threads });
        _batch = new TokenBatch(maxBatchTokens);
    }

    public double Step(int[][] ids, float[] targets)
    {
        _batch.Begin(ids.Length, ids.Max(text => text.Length));
        for (int row = 0; row < ids.Length; row++)
        {
            _batch.SetRow(row, ids[row], padTokenId: 0);
        }

        float loss = _step.Run(_batch, targets, (ulong)_optimizer.StepCount);
        _optimizer.Step(_optimizer.Norm());
        return loss;
    }

    public void Dispose()
    {
        _step.Dispose();
        _buffers.Dispose();
        _batch.Dispose();
    }
}
