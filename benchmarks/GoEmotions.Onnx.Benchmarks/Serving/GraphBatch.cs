using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>The texts of one run, as every input that a graph of any form may have.</summary>
internal sealed class GraphBatch : IDisposable
{
    private readonly Dictionary<string, OrtValue> _packed = [];
    private readonly Dictionary<string, OrtValue> _padded = [];

    public GraphBatch(int[][] texts)
    {
        Lengths = [.. texts.Select(text => text.Length)];
        int batch = texts.Length;
        int sequence = Lengths.Max();
        int tokens = Lengths.Sum();
        var padded = new long[batch * sequence];
        var mask = new long[batch * sequence];
        var padIndex = new long[batch * sequence];
        var inputIds = new long[tokens];
        var positionIds = new long[tokens];
        var unpadIndex = new long[tokens];
        int row = 0;
        for (int text = 0; text < batch; text++)
        {
            for (int place = 0; place < Lengths[text]; place++, row++)
            {
                int at = (text * sequence) + place;
                padded[at] = inputIds[row] = texts[text][place];
                mask[at] = 1;
                padIndex[at] = row;
                positionIds[row] = place;
                unpadIndex[row] = at;
            }
        }

        _padded[ServingGraph.InputIdsName] = Tensor(padded, batch, sequence);
        _padded[ClassifierGraph.AttentionMaskName] = Tensor(mask, batch, sequence);
        _padded[ClassifierGraph.TokenTypeIdsName] = Tensor(new long[batch * sequence], batch, sequence);
        _packed[ServingGraph.InputIdsName] = Tensor(inputIds, tokens);
        _packed[ServingGraph.PositionIdsName] = Tensor(positionIds, tokens);
        _packed[ServingGraph.PadIndexName] = Tensor(padIndex, batch, sequence);
        _packed[ServingGraph.UnpadIndexName] = Tensor(unpadIndex, tokens);
        _packed[ServingGraph.LengthsName] = _padded[ServingGraph.LengthsName] = Tensor([.. Lengths.Select(length => (long)length)], batch);
    }

    public int[] Lengths { get; }

    public OrtValue this[string name, bool packed] => (packed ? _packed : _padded)[name];

    /// <inheritdoc cref="EncoderOperations.Count"/>
    public double Operations(EncoderConfig config) => EncoderOperations.Count(config, Lengths);

    public void Dispose()
    {
        foreach (OrtValue value in _packed.Values.Union(_padded.Values))
        {
            value.Dispose();
        }
    }

    private static OrtValue Tensor(long[] data, params long[] shape) => OrtValue.CreateTensorValueFromMemory(data, shape);
}
