using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Serving;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests.Serving;

/// <summary>Random texts of given lengths, as the inputs of each form of graph.</summary>
internal sealed record ServingBatch(long[][] Texts)
{
    public int Sequence => Texts.Max(text => text.Length);

    public static ServingBatch Random(int seed, int vocabularySize, params int[] lengths)
    {
        var random = new Random(seed);
        return new ServingBatch([.. lengths.Select(length => Enumerable.Range(0, length).Select(_ => (long)random.Next(vocabularySize)).ToArray())]);
    }

    public ServingBatch Only(int text) => new([Texts[text]]);

    /// <summary>The inputs of a serving graph of any form; in the packed one, padding names the batch's last row.</summary>
    public Dictionary<string, OrtValue> ServingInputs(ModelProto model, int morePadding = 0)
    {
        long batch = Texts.Length;
        int sequence = Sequence + morePadding;
        long[] lengths = [.. Texts.Select(text => (long)text.Length)];
        if (model.Graph.Input.Any(input => input.Name == ClassifierGraph.AttentionMaskName))
        {
            return ClassifierInputs(model, morePadding);
        }

        if (model.Graph.Input.Count == 2)
        {
            long[] padded = [.. Texts.SelectMany(text => text.Concat(Enumerable.Repeat(1L, sequence - text.Length)))];
            return new() { [ServingGraph.InputIdsName] = OnnxRun.Tensor(padded, batch, sequence), [ServingGraph.LengthsName] = OnnxRun.Tensor(lengths, batch) };
        }

        long tokens = lengths.Sum();
        var padIndex = new long[batch * sequence];
        Array.Fill(padIndex, tokens - 1);
        var unpadIndex = new long[tokens];
        int row = 0;
        for (int text = 0; text < batch; text++)
        {
            for (int s = 0; s < lengths[text]; s++, row++)
            {
                padIndex[(text * sequence) + s] = row;
                unpadIndex[row] = (text * sequence) + s;
            }
        }

        return new()
        {
            [ServingGraph.InputIdsName] = OnnxRun.Tensor(Texts.SelectMany(text => text).ToArray(), tokens),
            [ServingGraph.PositionIdsName] = OnnxRun.Tensor(lengths.SelectMany(length => Enumerable.Range(0, (int)length).Select(s => (long)s)).ToArray(), tokens),
            [ServingGraph.LengthsName] = OnnxRun.Tensor(lengths, batch),
            [ServingGraph.PadIndexName] = OnnxRun.Tensor(padIndex, batch, sequence),
            [ServingGraph.UnpadIndexName] = OnnxRun.Tensor(unpadIndex, tokens),
        };
    }

    /// <summary>The inputs of the graph that is trained.</summary>
    public Dictionary<string, OrtValue> ClassifierInputs(ModelProto model, int morePadding = 0)
    {
        int sequence = Sequence + morePadding;
        var batch = new Batch(
            Texts.Length,
            sequence,
            [.. Texts.SelectMany(text => text.Concat(Enumerable.Repeat(1L, sequence - text.Length)))],
            [.. Texts.SelectMany(text => Enumerable.Range(0, sequence).Select(s => s < text.Length ? 1L : 0L))],
            new long[Texts.Length * sequence]);
        return batch.Inputs(model);
    }
}
