using System.Text;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>A piece of a bad file as error messages show it: on one line, in single quotes, cut when long.</summary>
internal static class Excerpt
{
    private const int MaxLength = 40;

    public static string Of(ReadOnlySpan<byte> utf8) => Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MaxLength * 4)]));

    public static string Of(ReadOnlySpan<char> text)
    {
        var excerpt = new StringBuilder("'");
        foreach (char character in text.Length > MaxLength ? text[..MaxLength] : text)
        {
            excerpt.Append(char.IsControl(character) || char.IsSurrogate(character) ? $"\\u{(int)character:x4}" : character.ToString());
        }

        return excerpt.Append(text.Length > MaxLength ? "...'" : "'").ToString();
    }
}
