namespace GoEmotions.Onnx.Tokenization;

/// <summary>Finds added tokens in a text: the leftmost, and the longest of those that begin there. Immutable and thread-safe.</summary>
internal sealed class AddedTokenMatcher
{
    // By the first code point, the longest first.
    private readonly Dictionary<int, AddedTokenEntry[]> _entries;

    public AddedTokenMatcher(IEnumerable<AddedTokenEntry> entries)
    {
        _entries = entries
            .Where(entry => entry.Pattern.Length > 0)
            .GroupBy(entry => entry.Pattern[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(entry => entry.Pattern.Length).ToArray());
    }

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The next token at or after <paramref name="index"/>, or null; <paramref name="index"/> becomes its beginning.</summary>
    public AddedTokenEntry? FindNext(ReadOnlySpan<AlignedCharacter> text, ref int index)
    {
        for (; index < text.Length; index++)
        {
            if (_entries.TryGetValue(text[index].CodePoint, out AddedTokenEntry[]? candidates))
            {
                foreach (AddedTokenEntry candidate in candidates)
                {
                    if (StartsWith(text[index..], candidate.Pattern))
                    {
                        return candidate;
                    }
                }
            }
        }

        return null;
    }

    private static bool StartsWith(ReadOnlySpan<AlignedCharacter> text, ReadOnlySpan<int> pattern)
    {
        if (text.Length < pattern.Length)
        {
            return false;
        }

        for (int index = 0; index < pattern.Length; index++)
        {
            if (text[index].CodePoint != pattern[index])
            {
                return false;
            }
        }

        return true;
    }
}
