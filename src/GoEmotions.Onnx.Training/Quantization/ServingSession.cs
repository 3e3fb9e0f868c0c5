using System.Numerics.Tensors;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Sessions;
using GoEmotions.Onnx.Tokenization;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Quantization;

/// <summary>Runs a serving graph of the packed or the masked form on encoded texts, for calibration and for the gate. Not thread-safe.</summary>
internal sealed class ServingSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    public ServingSession(ModelProto model, int? threads)
    {
        RuntimeTelemetry.Disable();
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads ?? Environment.ProcessorCount,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        _session = new InferenceSession(model.ToByteArray(), options);
    }

    /// <summary>The ids of texts, each cut at a length.</summary>
    public static int[][] Encode(IEnumerable<string> texts, WordPieceTokenizer tokenizer, int maxLength)
    {
        var buffer = new int[Math.Min(maxLength, tokenizer.MaxLength)];
        return [.. texts.Select(text => buffer[..tokenizer.Encode(text, buffer, out _)])];
    }

    /// <summary>Places in the texts, shortest first, in groups of at most so many padded tokens.</summary>
    public static IEnumerable<int[]> Group(int[][] texts, int maxBatchTokens)
    {
        int[] order = [.. Enumerable.Range(0, texts.Length).OrderBy(text => texts[text].Length)];
        for (int start = 0; start < order.Length;)
        {
            int end = start + 1;
            while (end < order.Length && (end - start + 1) * texts[order[end]].Length <= maxBatchTokens)
            {
                end++;
            }

            yield return order[start..end];
            start = end;
        }
    }

    /// <summary>Runs some texts as one batch; the caller disposes of the outputs.</summary>
    public IDisposableReadOnlyCollection<OrtValue> Run(ReadOnlySpan<int[]> texts, IReadOnlyCollection<string> outputs) =>
        _session.InputMetadata.ContainsKey(ClassifierGraph.AttentionMaskName) ? RunMasked(texts, outputs) : RunPacked(texts, outputs);

    /// <summary>The logits of all texts, row-major [texts, labels], in their order.</summary>
    public float[] Score(int[][] texts, int labelCount, int maxBatchTokens)
    {
        var logits = new float[texts.Length * labelCount];
        foreach (int[] group in Group(texts, maxBatchTokens))
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = Run(Array.ConvertAll(group, text => texts[text]), [ServingGraph.LogitsName]);
            ReadOnlySpan<float> scored = outputs[0].GetTensorDataAsSpan<float>();
            for (int place = 0; place < group.Length; place++)
            {
                scored.Slice(place * labelCount, labelCount).CopyTo(logits.AsSpan(group[place] * labelCount));
            }
        }

        return logits;
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }

    private IDisposableReadOnlyCollection<OrtValue> RunPacked(ReadOnlySpan<int[]> texts, IReadOnlyCollection<string> outputs)
    {
        int sequence = LongestOf(texts);
        int tokens = 0;
        foreach (int[] text in texts)
        {
            tokens += text.Length;
        }

        var inputIds = new long[tokens];
        var positionIds = new long[tokens];
        var unpadIndex = new long[tokens];
        var lengths = new long[texts.Length];
        var padIndex = new long[texts.Length * sequence];
        int row = 0;
        for (int text = 0; text < texts.Length; text++)
        {
            lengths[text] = texts[text].Length;
            TensorPrimitives.ConvertChecked<int, long>(texts[text], inputIds.AsSpan(row));
            for (int place = 0; place < texts[text].Length; place++, row++)
            {
                positionIds[row] = place;
                unpadIndex[row] = (text * sequence) + place;
                padIndex[unpadIndex[row]] = row;
            }
        }

        using OrtValue idsValue = OrtValue.CreateTensorValueFromMemory(inputIds, [tokens]);
        using OrtValue positionsValue = OrtValue.CreateTensorValueFromMemory(positionIds, [tokens]);
        using OrtValue lengthsValue = OrtValue.CreateTensorValueFromMemory(lengths, [texts.Length]);
        using OrtValue padValue = OrtValue.CreateTensorValueFromMemory(padIndex, [texts.Length, sequence]);
        using OrtValue unpadValue = OrtValue.CreateTensorValueFromMemory(unpadIndex, [tokens]);
        return _session.Run(
            _runOptions,
            [ServingGraph.InputIdsName, ServingGraph.PositionIdsName, ServingGraph.LengthsName, ServingGraph.PadIndexName, ServingGraph.UnpadIndexName],
            [idsValue, positionsValue, lengthsValue, padValue, unpadValue],
            outputs);
    }

    private IDisposableReadOnlyCollection<OrtValue> RunMasked(ReadOnlySpan<int[]> texts, IReadOnlyCollection<string> outputs)
    {
        int sequence = LongestOf(texts);
        var inputIds = new long[texts.Length * sequence];
        var attentionMask = new long[inputIds.Length];
        for (int text = 0; text < texts.Length; text++)
        {
            TensorPrimitives.ConvertChecked<int, long>(texts[text], inputIds.AsSpan(text * sequence));
            attentionMask.AsSpan(text * sequence, texts[text].Length).Fill(1);
        }

        long[] shape = [texts.Length, sequence];
        using OrtValue idsValue = OrtValue.CreateTensorValueFromMemory(inputIds, shape);
        using OrtValue maskValue = OrtValue.CreateTensorValueFromMemory(attentionMask, shape);
        if (!_session.InputMetadata.ContainsKey(ClassifierGraph.TokenTypeIdsName))
        {
            return _session.Run(_runOptions, [ClassifierGraph.InputIdsName, ClassifierGraph.AttentionMaskName], [idsValue, maskValue], outputs);
        }

        using OrtValue typesValue = OrtValue.CreateTensorValueFromMemory(new long[inputIds.Length], shape);
        return _session.Run(
            _runOptions, [ClassifierGraph.InputIdsName, ClassifierGraph.AttentionMaskName, ClassifierGraph.TokenTypeIdsName], [idsValue, maskValue, typesValue], outputs);
    }

    private static int LongestOf(ReadOnlySpan<int[]> texts)
    {
        int longest = 0;
        foreach (int[] text in texts)
        {
            longest = Math.Max(longest, text.Length);
        }

        return longest;
    }
}
