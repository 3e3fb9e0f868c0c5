using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Quantization;

/// <summary>Finds the ranges of a checkpoint's activations by running texts through its float32 serving graph. Stateless and thread-safe.</summary>
public static class ActivationCalibrator
{
    /// <summary>Tokens of a run: every activation of a base-sized model together is then about 150 MB.</summary>
    private const int BatchTokens = 512;

    /// <summary>Calibrates.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="tokenizer">The tokenizer with its vocabulary.</param>
    /// <param name="texts">Texts like those to come, from the training data; a few hundred do.</param>
    /// <param name="options">How to calibrate; null for the defaults.</param>
    /// <returns>What an int8 serving graph is built with.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">There is no text, or an option is out of its range.</exception>
    /// <exception cref="InvalidDataException">An activation is not a finite number.</exception>
    public static QuantizationOptions Calibrate(Checkpoint checkpoint, WordPieceTokenizer tokenizer, IEnumerable<string> texts, CalibrationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(texts);
        options ??= new CalibrationOptions();
        options.Validate();
        int[][] encoded = ServingSession.Encode(texts.Take(options.MaxTexts), tokenizer, Math.Min(options.MaxLength, checkpoint.Config.MaxPositionEmbeddings));
        if (encoded.Length == 0)
        {
            Throw.Argument("there is no text to calibrate with, expected a few hundred of the training data.", nameof(texts));
        }

        ServingGraph graph = ServingGraph.FromCheckpoint(checkpoint);
        foreach (string value in graph.Activations.Values)
        {
            graph.Builder.Output(graph.Builder.Value(value));
        }

        using var session = new ServingSession(graph.ToModel(), options.Threads);
        Dictionary<string, ActivationHistogram> histograms = graph.Activations.Keys.ToDictionary(name => name, _ => new ActivationHistogram());
        Observe(session, graph.Activations, histograms, encoded, static (histogram, values) => histogram.ObserveEnds(values));
        foreach ((string name, ActivationHistogram histogram) in histograms)
        {
            if (!float.IsFinite(histogram.MinMax.Minimum) || !float.IsFinite(histogram.MinMax.Maximum))
            {
                Throw.InvalidData($"activation '{name}' ranges over {histogram.MinMax}, expected finite numbers. Check the checkpoint for values that are not numbers.");
            }
        }

        if (options.Method != CalibrationMethod.MinMax)
        {
            Observe(session, graph.Activations, histograms, encoded, static (histogram, values) => histogram.Count(values));
        }

        return new QuantizationOptions
        {
            Ranges = histograms.ToDictionary(pair => pair.Key, pair => Choose(pair.Value, options)),
            Calibration = options.Describe(encoded.Length),
            WeightBits = options.WeightBits,
        };
    }

    private static ActivationRange Choose(ActivationHistogram histogram, CalibrationOptions options) => options.Method switch
    {
        CalibrationMethod.Percentile => histogram.Without(1 - (options.Percentile / 100)),
        CalibrationMethod.Entropy => histogram.LeastDivergence(),
        _ => histogram.MinMax,
    };

    private static void Observe(
        ServingSession session,
        IReadOnlyDictionary<string, string> activations,
        Dictionary<string, ActivationHistogram> histograms,
        int[][] texts,
        Action<ActivationHistogram, ReadOnlySpan<float>> observe)
    {
        string[] names = [.. activations.Keys];
        string[] values = [.. names.Select(name => activations[name])];
        foreach (int[] group in ServingSession.Group(texts, BatchTokens))
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(Array.ConvertAll(group, text => texts[text]), values);
            for (int index = 0; index < names.Length; index++)
            {
                observe(histograms[names[index]], outputs[index].GetTensorDataAsSpan<float>());
            }
        }
    }
}
