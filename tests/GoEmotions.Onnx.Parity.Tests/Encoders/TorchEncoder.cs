using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using static TorchSharp.torch;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace GoEmotions.Onnx.Parity.Tests.Encoders;

/// <summary>
/// BERT and DistilBERT with their classification heads in PyTorch, written from the papers' description of the architecture and
/// sharing nothing with the graphs but the parameters' names and values.
/// </summary>
internal sealed class TorchEncoder : IDisposable
{
    private readonly Dictionary<string, TorchParameter> _weights = [];
    private readonly EncoderConfig _config;

    public TorchEncoder(EncoderConfig config, ParameterSet parameters)
        : this(config, parameters.Select(parameter => KeyValuePair.Create(parameter.Name, tensor(parameter.Values.ToArray(), [.. parameter.Shape]))))
    {
    }

    /// <summary>The same with tensors from elsewhere.</summary>
    public TorchEncoder(EncoderConfig config, IEnumerable<KeyValuePair<string, Tensor>> weights)
    {
        _config = config;
        foreach ((string name, Tensor value) in weights)
        {
            _weights.Add(name, new TorchParameter(value));
        }
    }

    /// <summary>The parameters by their names in the checkpoint.</summary>
    public IReadOnlyDictionary<string, TorchParameter> Parameters => _weights;

    /// <summary>The logits [batch, labels], row-major.</summary>
    public float[] Logits(long[] inputIds, long[] attentionMask, long[] tokenTypeIds, int batch, int sequence)
    {
        using IDisposable scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        return Forward(inputIds, attentionMask, tokenTypeIds, batch, sequence).data<float>().ToArray();
    }

    /// <summary>The mean binary cross-entropy of targets [batch, labels], and its gradient with respect to each parameter, row-major.</summary>
    public (float Loss, Dictionary<string, float[]> Gradients) Differentiate(long[] inputIds, long[] attentionMask, long[] tokenTypeIds, float[] targets, int batch, int sequence)
    {
        using IDisposable scope = NewDisposeScope();
        float loss = Backward(inputIds, attentionMask, tokenTypeIds, targets, batch, sequence);
        return (loss, _weights.ToDictionary(pair => pair.Key, pair => pair.Value.grad!.data<float>().ToArray()));
    }

    /// <summary>The same, with the gradients left beside the parameters for an optimizer.</summary>
    public float Backward(long[] inputIds, long[] attentionMask, long[] tokenTypeIds, float[] targets, int batch, int sequence)
    {
        using IDisposable scope = NewDisposeScope();
        foreach (Tensor weight in _weights.Values)
        {
            weight.grad = null;
        }

        Tensor logits = Forward(inputIds, attentionMask, tokenTypeIds, batch, sequence);
        Tensor loss = nn.functional.binary_cross_entropy_with_logits(logits, tensor(targets, logits.shape));
        loss.backward();
        return loss.item<float>();
    }

    public void Dispose()
    {
        foreach (Tensor weight in _weights.Values)
        {
            weight.Dispose();
        }
    }

    private Tensor Forward(long[] inputIds, long[] attentionMask, long[] tokenTypeIds, int batch, int sequence)
    {
        Tensor ids = tensor(inputIds, [batch, sequence]);
        Tensor mask = tensor(attentionMask, [batch, sequence]);
        return _config.ModelType == "bert" ? Bert(ids, mask, tensor(tokenTypeIds, [batch, sequence])) : DistilBert(ids, mask);
    }

    private Tensor Bert(Tensor ids, Tensor mask, Tensor types)
    {
        Tensor x = Lookup("bert.embeddings.word_embeddings", ids)
            + Lookup("bert.embeddings.token_type_embeddings", types)
            + _weights["bert.embeddings.position_embeddings.weight"].slice(0, 0, ids.shape[1], 1);
        x = Norm(x, "bert.embeddings.LayerNorm");
        for (int layer = 0; layer < _config.LayerCount; layer++)
        {
            string prefix = $"bert.encoder.layer.{layer}.";
            Tensor attention = Attend(
                Linear(x, prefix + "attention.self.query"), Linear(x, prefix + "attention.self.key"), Linear(x, prefix + "attention.self.value"), mask);
            x = Norm(Linear(attention, prefix + "attention.output.dense") + x, prefix + "attention.output.LayerNorm");
            x = Norm(Linear(Activate(Linear(x, prefix + "intermediate.dense")), prefix + "output.dense") + x, prefix + "output.LayerNorm");
        }

        return Linear(tanh(Linear(x.select(1, 0), "bert.pooler.dense")), "classifier");
    }

    private Tensor DistilBert(Tensor ids, Tensor mask)
    {
        Tensor positions = arange(ids.shape[1], dtype: ScalarType.Int64);
        Tensor x = Norm(
            Lookup("distilbert.embeddings.word_embeddings", ids) + Lookup("distilbert.embeddings.position_embeddings", positions),
            "distilbert.embeddings.LayerNorm");
        for (int layer = 0; layer < _config.LayerCount; layer++)
        {
            string prefix = $"distilbert.transformer.layer.{layer}.";
            Tensor attention = Attend(
                Linear(x, prefix + "attention.q_lin"), Linear(x, prefix + "attention.k_lin"), Linear(x, prefix + "attention.v_lin"), mask);
            x = Norm(Linear(attention, prefix + "attention.out_lin") + x, prefix + "sa_layer_norm");
            x = Norm(Linear(Activate(Linear(x, prefix + "ffn.lin1")), prefix + "ffn.lin2") + x, prefix + "output_layer_norm");
        }

        return Linear(nn.functional.relu(Linear(x.select(1, 0), "pre_classifier")), "classifier");
    }

    private Tensor Attend(Tensor query, Tensor key, Tensor value, Tensor mask)
    {
        long batch = query.shape[0];
        long sequence = query.shape[1];
        Tensor Split(Tensor t) => t.reshape(batch, sequence, _config.HeadCount, _config.HeadSize).permute(0, 2, 1, 3);
        Tensor scores = matmul(Split(query), Split(key).transpose(2, 3)) / Math.Sqrt(_config.HeadSize);
        Tensor padding = mask.eq(0).reshape(batch, 1, 1, sequence);
        Tensor weights = scores.masked_fill(padding, float.NegativeInfinity).softmax(-1);
        return matmul(weights, Split(value)).permute(0, 2, 1, 3).reshape(batch, sequence, _config.HiddenSize);
    }

    private Tensor Activate(Tensor x) => _config.Activation switch
    {
        HiddenActivation.Gelu => x * 0.5 * (1 + special.erf(x / Math.Sqrt(2))),
        HiddenActivation.GeluTanh => x * 0.5 * (1 + tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x.pow(3))))),
        _ => x.clamp_min(0),
    };

    private Tensor Lookup(string name, Tensor ids) => _weights[name + ".weight"].index_select(0, ids.flatten()).reshape([.. ids.shape, _config.HiddenSize]);

    private Tensor Linear(Tensor x, string name) => matmul(x, _weights[name + ".weight"].t()) + _weights[name + ".bias"];

    private Tensor Norm(Tensor x, string name)
    {
        Tensor centered = x - x.mean([-1], keepdim: true);
        Tensor variance = (centered * centered).mean([-1], keepdim: true);
        return (centered / (variance + _config.LayerNormEpsilon).sqrt() * _weights[name + ".weight"]) + _weights[name + ".bias"];
    }
}
