namespace GoEmotions.Onnx.Cli;

/// <summary>Texts as a person is shown them: short, and without characters that a terminal would obey.</summary>
internal static class DisplayText
{
    private const int MaxLength = 300;

    /// <summary>Control characters become pictures of themselves, and a long text is cut with an ellipsis.</summary>
    public static string Of(string text)
    {
        string shown = text.Length > MaxLength ? string.Concat(text.AsSpan(0, MaxLength), "…") : text;
        return string.Create(shown.Length, shown, static (span, text) =>
        {
            for (int index = 0; index < span.Length; index++)
            {
                char character = text[index];
                span[index] = !char.IsControl(character) ? character : character < ' ' ? (char)('\u2400' + character) : '\uFFFD';
            }
        });
    }
}
