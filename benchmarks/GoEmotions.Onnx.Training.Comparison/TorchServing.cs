using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Parity.Tests.Encoders;
using GoEmotions.Onnx.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>
/// TorchSharp as a peer of the serving measurement (GoEmotions.Onnx.Benchmarks, PeerProcess, has what the lines mean): batches in the
/// given order, padded to the longest text, the faster form of attention, and this project's tokenizer, since TorchSharp has none.
/// </summary>
internal static class TorchServing
{
    public static int Run(string directory, int threads, int batchSize)
    {
        if (TorchLoader.WhyNot is { } reason)
        {
            Console.Error.WriteLine($"PyTorch cannot be loaded: {reason}");
            return 1;
        }

        set_num_threads(threads);
        Checkpoint checkpoint = CheckpointDirectory.Load(directory);
        using var classifier = new TorchClassifier(checkpoint.Config, checkpoint.Parameters, fusedAttention: true, isTraining: false);
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(directory);
        string[] texts = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(directory, "texts.json")))!;
        Console.WriteLine($$"""{"versions": "TorchSharp {{typeof(torch).Assembly.GetName().Version?.ToString(3)}}, libtorch {{__version__}}"}""");
        while (Console.ReadLine()?.Split(' ', 2) is [var command, var argument])
        {
            if (command == "run")
            {
                long start = Stopwatch.GetTimestamp();
                Score(classifier, tokenizer, texts.AsSpan(0, int.Parse(argument, CultureInfo.InvariantCulture)), batchSize);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"seconds": {{Stopwatch.GetElapsedTime(start).TotalSeconds}}}"""));
            }
            else
            {
                float[] probabilities = Score(classifier, tokenizer, texts, batchSize);
                File.WriteAllBytes(argument, MemoryMarshal.AsBytes<float>(probabilities));
                Console.WriteLine("{}");
            }
        }

        return 0;
    }

    private static float[] Score(TorchClassifier classifier, WordPieceTokenizer tokenizer, ReadOnlySpan<string> texts, int batchSize)
    {
        using IDisposable noGradients = inference_mode();
        var probabilities = new List<float>();
        var buffer = new int[tokenizer.MaxLength];
        for (int start = 0; start < texts.Length; start += batchSize)
        {
            using DisposeScope scope = NewDisposeScope();
            var ids = new int[int.Min(batchSize, texts.Length - start)][];
            for (int text = 0; text < ids.Length; text++)
            {
                ids[text] = buffer[..tokenizer.Encode(texts[start + text], buffer, out _)];
            }

            probabilities.AddRange(classifier.Logits(ids).sigmoid().data<float>());
        }

        return [.. probabilities];
    }
}
