using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests;

/// <summary>A batch of random token ids. Padding has random ids and types too: only the mask says that it is padding.</summary>
internal sealed record Batch(int Rows, int Columns, long[] InputIds, long[] AttentionMask, long[] TokenTypeIds)
{
    public static Batch Random(int rows, int columns, int seed, int vocabularySize, int[]? lengths = null)
    {
        var random = new Random(seed);
        var batch = new Batch(rows, columns, new long[rows * columns], new long[rows * columns], new long[rows * columns]);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                int at = (row * columns) + column;
                batch.InputIds[at] = random.Next(vocabularySize);
                batch.TokenTypeIds[at] = random.Next(2);
                batch.AttentionMask[at] = column < (lengths?[row] ?? columns) ? 1 : 0;
            }
        }

        return batch;
    }

    /// <summary>One text alone, cut to a length.</summary>
    public Batch Row(int row, int length)
    {
        Range range = (row * Columns)..((row * Columns) + length);
        return new Batch(1, length, InputIds[range], AttentionMask[range], TokenTypeIds[range]);
    }

    /// <summary>The inputs that a model has of input_ids, attention_mask and token_type_ids.</summary>
    public Dictionary<string, OrtValue> Inputs(ModelProto model)
    {
        var all = new Dictionary<string, long[]>
        {
            [ClassifierGraph.InputIdsName] = InputIds,
            [ClassifierGraph.AttentionMaskName] = AttentionMask,
            [ClassifierGraph.TokenTypeIdsName] = TokenTypeIds,
        };
        return all.Where(pair => model.Graph.Input.Any(input => input.Name == pair.Key))
            .ToDictionary(pair => pair.Key, pair => OnnxRun.Tensor(pair.Value, Rows, Columns));
    }
}
