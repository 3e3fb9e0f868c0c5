using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Parameter = TorchSharp.Modules.Parameter;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>A BERT classifier in PyTorch of its fused operators, trained as <see cref="OurSteps"/> is.</summary>
internal sealed class TorchSteps : IStepSide
{
    private readonly TorchClassifier _classifier;
    private readonly AdamW _optimizer;

    /// <param name="config">A BERT configuration.</param>
    /// <param name="fusedAttention">Whether attention is scaled_dot_product_attention instead of products and a softmax.</param>
    /// <param name="threads">The threads.</param>
    public TorchSteps(EncoderConfig config, bool fusedAttention, int threads)
    {
        set_num_threads(threads);
        _classifier = new TorchClassifier(config, ParameterInitializer.Initialize(config, 1), fusedAttention, isTraining: true);
        ILookup<bool, Parameter> byDecay = config.Architecture.GetParameters(config).ToLookup(spec => spec.TakesWeightDecay, spec => _classifier.Weights[spec.Name]);
        _optimizer = optim.AdamW([Group(true, 0.01), Group(false, 0)], 5e-5);

        AdamW.ParamGroup Group(bool takesDecay, double decay) => new(
            byDecay[takesDecay],
            new AdamW.Options { LearningRate = 5e-5, InitialLearningRate = 5e-5, weight_decay = decay, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 });
    }

    public double Step(int[][] ids, float[] targets)
    {
        using DisposeScope scope = NewDisposeScope();
        _optimizer.zero_grad();
        Tensor logits = _classifier.Logits(ids);
        Tensor loss = functional.binary_cross_entropy_with_logits(logits, tensor(targets, logits.shape));
        loss.backward();
        nn.utils.clip_grad_norm_([.. _classifier.Weights.Values], 1);
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _classifier.Dispose();
    }
}
