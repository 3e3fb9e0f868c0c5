using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using BertTokenizer = Microsoft.ML.Tokenizers.BertTokenizer;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>
/// The usual way in .NET, as tutorials have it: Microsoft.ML.Tokenizers, batches of 32 texts in the caller's order, padded,
/// and <see cref="InferenceSession.Run(IReadOnlyCollection{NamedOnnxValue})"/> on the exported float32 graph. Not thread-safe.
/// </summary>
internal sealed class OrdinaryPipeline : IDisposable
{
    /// <summary>The texts of a batch; the peer programs have the same.</summary>
    public const int BatchSize = 32;

    private readonly InferenceSession _session;
    private readonly BertTokenizer _tokenizer;
    private readonly int _maxLength;

    public OrdinaryPipeline(byte[] model, string vocabularyPath, int maxLength, int threads)
    {
        _maxLength = maxLength;
        _tokenizer = BertTokenizer.Create(vocabularyPath);
        using var options = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(model, options);
    }

    /// <summary>The ids of a text.</summary>
    public IReadOnlyList<int> Encode(string text) => _tokenizer.EncodeToIds(text, _maxLength, out _, out _);

    /// <summary>Scores texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="probabilities">The destination, row-major [texts, labels].</param>
    /// <param name="padsToMaximum">Whether texts are padded to the maximal length instead of the longest of their batch.</param>
    public void Score(ReadOnlySpan<string> texts, Span<float> probabilities, bool padsToMaximum)
    {
        int labels = probabilities.Length / texts.Length;
        for (int start = 0; start < texts.Length; start += BatchSize)
        {
            ReadOnlySpan<string> part = texts[start..int.Min(start + BatchSize, texts.Length)];
            var ids = new IReadOnlyList<int>[part.Length];
            for (int text = 0; text < part.Length; text++)
            {
                ids[text] = Encode(part[text]);
            }

            int sequence = padsToMaximum ? _maxLength : ids.Max(text => text.Count);
            var inputIds = new DenseTensor<long>([part.Length, sequence]);
            var mask = new DenseTensor<long>([part.Length, sequence]);
            var types = new DenseTensor<long>([part.Length, sequence]);
            for (int text = 0; text < ids.Length; text++)
            {
                for (int place = 0; place < ids[text].Count; place++)
                {
                    inputIds[text, place] = ids[text][place];
                    mask[text, place] = 1;
                }
            }

            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = _session.Run(
            [
                NamedOnnxValue.CreateFromTensor("input_ids", inputIds),
                NamedOnnxValue.CreateFromTensor("attention_mask", mask),
                NamedOnnxValue.CreateFromTensor("token_type_ids", types),
            ]);
            Tensor<float> logits = outputs[0].AsTensor<float>();
            for (int text = 0; text < part.Length; text++)
            {
                for (int label = 0; label < labels; label++)
                {
                    probabilities[((start + text) * labels) + label] = 1 / (1 + MathF.Exp(-logits[text, label]));
                }
            }
        }
    }

    public void Dispose() => _session.Dispose();
}
