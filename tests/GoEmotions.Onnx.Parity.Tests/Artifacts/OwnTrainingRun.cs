using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Artifacts;
using GoEmotions.Onnx.Training.Optimization;

namespace GoEmotions.Onnx.Parity.Tests.Artifacts;

/// <summary>Our own trainer's gradient graph and AdamW over given batches, at the learning rate of ONNX Runtime's JavaScript API.</summary>
internal sealed class OwnTrainingRun : IDisposable
{
    private readonly TrainingArtifactsOptions _options;
    private readonly GradientStep _step;
    private readonly float[] _gradients;

    public OwnTrainingRun(EncoderConfig config, ParameterSet parameters, TrainingArtifactsOptions options)
    {
        _options = options;
        Graph = TrainingGraph.Create(config, new TrainingGraphOptions { Trains = options.Trains, Dropout = false, Loss = options.Loss });
        Buffers = new ParameterBuffers(Graph.Parameters, options.Trains ?? (_ => true));
        Buffers.Load(parameters);
        _step = new GradientStep(Graph, Buffers, threads: 2, seed: 1);
        _gradients = new float[Buffers.TrainedLength];
    }

    public TrainingGraph Graph { get; }

    public ParameterBuffers Buffers { get; }

    /// <summary>The number of optimizer steps so far.</summary>
    public long StepCount { get; set; }

    /// <summary>Trains on batches; the gradients of every <paramref name="accumulate"/> of them are added up. Returns the loss of each.</summary>
    public double[] Run(IEnumerable<int> batches, int accumulate = 1)
    {
        var losses = new List<double>();
        foreach (int number in batches)
        {
            (TokenBatch batch, float[] labels) = TextBatches.Get(number);
            using (batch)
            {
                losses.Add(_step.Run(batch, labels, 0));
            }

            TensorPrimitives.Add(_gradients, Buffers.Gradients, _gradients);
            if (losses.Count % accumulate == 0)
            {
                Update();
                Array.Clear(_gradients);
            }
        }

        return [.. losses];
    }

    public void Dispose()
    {
        _step.Dispose();
        Buffers.Dispose();
    }

    // ONNX Runtime knows one group of parameters: all of them decay.
    private void Update()
    {
        double norm = Math.Sqrt(_gradients.Sum(value => (double)value * value));
        double scale = _options.ClipNorm is double limit ? Math.Min(1, limit / (norm + 1e-6)) : 1;
        double rate = OrtOptimizerState.DefaultLearningRate * (_options.LearningRateScale ?? 1);
        new AdamW(_options.Optimizer, rate, ++StepCount, _options.Optimizer.WeightDecay, scale)
            .Step(Buffers.Weights[..Buffers.TrainedLength], _gradients, Buffers.FirstMoments, Buffers.SecondMoments);
    }
}
