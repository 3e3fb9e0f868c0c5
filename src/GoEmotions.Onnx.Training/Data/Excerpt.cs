using System.Text;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>A piece of a bad file as error messages show it: on one line, in single quotes, cut when long.</summary>
internal static class Excerpt
{
    private const int MaxLength = 40;

    public static string Of(ReadOnlySpan<byte> utf8) => Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, (MaxLength + 1) * 4)]));

    public static string Of(ReadOnlySpan<char> text)
    {
        var excerpt = new StringBuilder("'");
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (length++ == MaxLength)
            {
                excerpt.Append("...");
                break;
            }

            excerpt.Append(Rune.IsControl(rune) ? $"\\u{rune.Value:x4}" : rune.ToString());
        }

        return excerpt.Append('\'').ToString();
    }
}
