namespace GoEmotions.Onnx.Tests;

/// <summary>Random texts of letters and spaces, of which <see cref="ClassifierModel"/> knows every letter. The same for the same seed.</summary>
internal static class ClassifierTexts
{
    public static string[] Random(int seed, int count, int maxLength)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Random(random, random.Next(maxLength + 1)))];
    }

    /// <summary>A text of a megabyte, every second character a word.</summary>
    public static string Megabyte { get; } = string.Create(1 << 20, 0, static (span, _) =>
    {
        for (int index = 0; index < span.Length; index++)
        {
            span[index] = index % 2 == 0 ? 'q' : ' ';
        }
    });

    public static string Random(Random random, int length) =>
        string.Create(length, random, static (span, random) =>
        {
            for (int index = 0; index < span.Length; index++)
            {
                span[index] = random.Next(5) == 0 ? ' ' : (char)('a' + random.Next(26));
            }
        });
}
