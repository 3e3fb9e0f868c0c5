using System.Globalization;

namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>The size of an encoder: layers, width and heads. The inner width is four times the hidden one, and there are 512 positions.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="LayerCount">The number of layers.</param>
/// <param name="HiddenSize">The width of a token's hidden state.</param>
/// <param name="HeadCount">The number of attention heads, a divisor of <paramref name="HiddenSize"/>.</param>
public sealed record EncoderSize(string Name, int LayerCount, int HiddenSize, int HeadCount)
{
    /// <summary>2 layers x 128 x 2 heads: about 4.4 million parameters with a vocabulary of 30,522.</summary>
    public static EncoderSize Tiny { get; } = new("tiny", 2, 128, 2);

    /// <summary>4 layers x 256 x 4 heads: about 11 million parameters.</summary>
    public static EncoderSize Mini { get; } = new("mini", 4, 256, 4);

    /// <summary>6 layers x 384 x 12 heads: about 23 million parameters.</summary>
    public static EncoderSize Small { get; } = new("small", 6, 384, 12);

    /// <summary>12 layers x 768 x 12 heads: about 110 million parameters.</summary>
    public static EncoderSize Base { get; } = new("base", 12, 768, 12);

    /// <summary>All sizes, smallest first.</summary>
    public static IReadOnlyList<EncoderSize> All { get; } = [Tiny, Mini, Small, Base];

    /// <summary>The width inside the feed-forward part of a layer.</summary>
    public int IntermediateSize => 4 * HiddenSize;

    /// <summary>Finds a size by its name, or makes one.</summary>
    /// <param name="name"><c>tiny</c>, <c>mini</c>, <c>small</c> or <c>base</c>, or layers x hidden x heads, such as <c>2x192x3</c>.</param>
    /// <returns>The size.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no such size, or the width is no multiple of the heads.</exception>
    public static EncoderSize Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (All.FirstOrDefault(size => size.Name == name) is { } known)
        {
            return known;
        }

        string[] parts = name.Split('x');
        if (parts.Length != 3 || !parts.All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0))
        {
            throw new ArgumentException($"the size is '{name}', expected {string.Join(", ", All.Select(size => size.Name))}, or layers x hidden x heads such as 2x192x3.", nameof(name));
        }

        int[] numbers = [.. parts.Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        if (numbers[1] % numbers[2] != 0)
        {
            throw new ArgumentException($"the size is '{name}', but a hidden state of {numbers[1]} cannot be divided among {numbers[2]} heads, expected a multiple.", nameof(name));
        }

        return new EncoderSize(name, numbers[0], numbers[1], numbers[2]);
    }
}
