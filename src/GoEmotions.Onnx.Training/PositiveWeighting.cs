using System.Globalization;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// How the positive part of each label's loss is weighted against class imbalance: <c>none</c>, <c>balanced</c> (negatives per
/// positive), <c>sqrt</c> (the square root of that), or one number for all labels. Immutable and thread-safe.
/// </summary>
public sealed record PositiveWeighting
{
    private readonly string _text;
    private readonly Func<double, double>? _weigh;

    private PositiveWeighting(string text, Func<double, double>? weigh)
    {
        _text = text;
        _weigh = weigh;
    }

    /// <summary>No weights.</summary>
    public static PositiveWeighting None { get; } = new("none", null);

    /// <summary>Negatives per positive: both parts of a label's loss weigh the same.</summary>
    public static PositiveWeighting Balanced { get; } = new("balanced", ratio => ratio);

    /// <summary>The square root of negatives per positive.</summary>
    public static PositiveWeighting SquareRoot { get; } = new("sqrt", Math.Sqrt);

    /// <summary>Reads a weighting.</summary>
    /// <param name="text"><c>none</c>, <c>balanced</c>, <c>sqrt</c>, or a number above 0.</param>
    /// <returns>The weighting.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static PositiveWeighting Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (PositiveWeighting known in new[] { None, Balanced, SquareRoot })
        {
            if (text == known._text)
            {
                return known;
            }
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) && weight > 0 && double.IsFinite(weight)
            ? new PositiveWeighting(text, _ => weight)
            : throw new ArgumentException($"the weight of positives is '{text}', expected none, balanced, sqrt, or a number above 0.");
    }

    /// <summary>The weights of a training split's labels.</summary>
    /// <param name="training">The training split.</param>
    /// <returns>A factor for each label, 1 for one without a positive; <see langword="null"/> for no weights.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="training"/> is null.</exception>
    public IReadOnlyList<float>? Of(EmotionDataset training)
    {
        ArgumentNullException.ThrowIfNull(training);
        if (_weigh is null)
        {
            return null;
        }

        // A label that holds everywhere has no negatives: one stands for them, since a weight of 0 would be no loss at all.
        return [.. training.CountLabels().Select(positives => positives == 0 ? 1f : (float)_weigh(Math.Max(training.Count - positives, 1) / (double)positives))];
    }

    /// <summary>The weighting as it is written.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text;
}
