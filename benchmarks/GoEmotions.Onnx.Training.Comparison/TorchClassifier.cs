using GoEmotions.Onnx.Graphs.Encoders;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using ModelParameter = GoEmotions.Onnx.Graphs.Weights.Parameter;
using Parameter = TorchSharp.Modules.Parameter;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>A BERT classifier in PyTorch of its fused operators.</summary>
internal sealed class TorchClassifier : IDisposable
{
    private readonly Dictionary<string, Parameter> _weights = [];
    private readonly Dictionary<string, Embedding> _embeddings = [];
    private readonly EncoderConfig _config;
    private readonly bool _fusedAttention;
    private readonly bool _isTraining;

    /// <param name="config">A BERT configuration.</param>
    /// <param name="parameters">The weights.</param>
    /// <param name="fusedAttention">Whether attention is scaled_dot_product_attention instead of products and a softmax.</param>
    /// <param name="isTraining">Whether dropout drops.</param>
    public TorchClassifier(EncoderConfig config, IEnumerable<ModelParameter> parameters, bool fusedAttention, bool isTraining)
    {
        _config = config;
        _fusedAttention = fusedAttention;
        _isTraining = isTraining;
        foreach (ModelParameter parameter in parameters)
        {
            Register(parameter.Name, new Parameter(tensor(parameter.Values.ToArray(), [.. parameter.Shape])));
        }
    }

    /// <summary>The weights by their names in the checkpoint.</summary>
    public IReadOnlyDictionary<string, Parameter> Weights => _weights;

    /// <summary>The logits [batch, labels] of texts, padded to the longest.</summary>
    public Tensor Logits(ReadOnlySpan<int[]> ids)
    {
        long batch = ids.Length;
        long sequence = 0;
        foreach (int[] text in ids)
        {
            sequence = long.Max(sequence, text.Length);
        }

        var padded = new long[batch * sequence];
        var additive = new float[batch * sequence];
        for (int at = 0; at < padded.Length; at++)
        {
            int[] text = ids[(int)(at / sequence)];
            int place = (int)(at % sequence);
            padded[at] = place < text.Length ? text[place] : 0;
            additive[at] = place < text.Length ? 0 : float.MinValue;
        }

        return Forward(tensor(padded, [batch, sequence]), tensor(additive, [batch, 1, 1, sequence]));
    }

    public void Dispose()
    {
        foreach (Embedding embedding in _embeddings.Values)
        {
            embedding.Dispose();
        }

        foreach (Parameter weight in _weights.Values)
        {
            weight.Dispose();
        }
    }

    private void Register(string name, Parameter parameter)
    {
        if (name.EndsWith("_embeddings.weight", StringComparison.Ordinal))
        {
            Embedding embedding = Embedding(parameter.shape[0], parameter.shape[1]);
            embedding.weight = parameter;
            _embeddings.Add(name, embedding);
            parameter = embedding.weight;
        }

        _weights.Add(name, parameter);
    }

    private Tensor Forward(Tensor ids, Tensor mask)
    {
        long batch = ids.shape[0];
        long sequence = ids.shape[1];
        Tensor x = Rows("word", ids) + Rows("position", arange(sequence, dtype: ScalarType.Int64).unsqueeze(0)) + Rows("token_type", zeros_like(ids));
        x = Drop(Norm(x, "bert.embeddings.LayerNorm"));
        for (int layer = 0; layer < _config.LayerCount; layer++)
        {
            string prefix = $"bert.encoder.layer.{layer}.";
            Tensor attended = Attend(Heads(x, prefix + "attention.self.query"), Heads(x, prefix + "attention.self.key"), Heads(x, prefix + "attention.self.value"), mask);
            attended = attended.transpose(1, 2).reshape(batch, sequence, _config.HiddenSize);
            x = Norm(x + Drop(Linear(attended, prefix + "attention.output.dense")), prefix + "attention.output.LayerNorm");
            x = Norm(x + Drop(Linear(functional.gelu(Linear(x, prefix + "intermediate.dense")), prefix + "output.dense")), prefix + "output.LayerNorm");
        }

        return Linear(Drop(Linear(x.select(1, 0), "bert.pooler.dense").tanh()), "classifier");

        Tensor Heads(Tensor value, string name) => Linear(value, name).view(batch, sequence, _config.HeadCount, _config.HeadSize).transpose(1, 2);
    }

    private Tensor Attend(Tensor query, Tensor key, Tensor value, Tensor mask) => _fusedAttention
        ? functional.scaled_dot_product_attention(query, key, value, mask, _isTraining ? _config.AttentionDropout : 0, false)
        : functional.dropout(((query.matmul(key.transpose(-1, -2)) / Math.Sqrt(_config.HeadSize)) + mask).softmax(-1), _config.AttentionDropout, _isTraining).matmul(value);

    private Tensor Rows(string table, Tensor ids) => _embeddings[$"bert.embeddings.{table}_embeddings.weight"].call(ids);

    private Tensor Drop(Tensor x) => functional.dropout(x, _config.HiddenDropout, _isTraining);

    private Tensor Linear(Tensor x, string name) => functional.linear(x, _weights[name + ".weight"], _weights[name + ".bias"]);

    private Tensor Norm(Tensor x, string name) => functional.layer_norm(x, [_config.HiddenSize], _weights[name + ".weight"], _weights[name + ".bias"], _config.LayerNormEpsilon);
}
