namespace GoEmotions.Onnx.Tokenization;

/// <summary>Finds added tokens in a text: the leftmost, and the longest of those that begin there. Immutable and thread-safe.</summary>
internal sealed class AddedTokenMatcher
{
    // By the first code point, the longest first.
    private readonly Dictionary<int, List<AddedTokenEntry>> _entries = [];

    public AddedTokenMatcher(ReadOnlySpan<AddedTokenEntry> entries, bool normalized)
    {
        foreach (AddedTokenEntry entry in entries)
        {
            if (entry.Pattern.Length == 0 || entry.Token.IsNormalized != normalized)
            {
                continue;
            }

            if (!_entries.TryGetValue(entry.Pattern[0], out List<AddedTokenEntry>? candidates))
            {
                _entries[entry.Pattern[0]] = candidates = [];
            }

            int place = candidates.Count;
            while (place > 0 && candidates[place - 1].Pattern.Length < entry.Pattern.Length)
            {
                place--;
            }

            candidates.Insert(place, entry);
        }
    }

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The code points that tokens begin with.</summary>
    public IEnumerable<int> FirstCodePoints => _entries.Keys;

    /// <summary>The token that a text begins with, or null.</summary>
    public AddedTokenEntry? FindAt(ReadOnlySpan<char> text)
    {
        foreach (AddedTokenEntry candidate in _entries[text[0]])
        {
            if (text.StartsWith(candidate.Token.Content, StringComparison.Ordinal))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>The next token at or after <paramref name="index"/>, or null; <paramref name="index"/> becomes its beginning.</summary>
    public AddedTokenEntry? FindNext(ReadOnlySpan<AlignedCharacter> text, ref int index)
    {
        for (; index < text.Length; index++)
        {
            if (_entries.TryGetValue(text[index].CodePoint, out List<AddedTokenEntry>? candidates))
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
