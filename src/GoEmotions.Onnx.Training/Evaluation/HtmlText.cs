using System.Net;
using System.Text;

namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>Makes any text safe to stand in a page, as text or in a quoted attribute.</summary>
internal static class HtmlText
{
    /// <summary>Escapes markup; control characters, which HTML does not allow even escaped, become U+FFFD.</summary>
    public static string Escape(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            clean.Append(Rune.IsControl(rune) && rune.Value is not ('\t' or '\n' or '\r') ? Rune.ReplacementChar : rune);
        }

        return WebUtility.HtmlEncode(clean.ToString());
    }

    /// <summary>The first characters of a text, cut between whole characters, with an ellipsis where it was cut.</summary>
    public static string Shorten(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), "…");
    }
}
