using System.Numerics;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>
/// The vocabulary as two tries, of the pieces that begin a word and of those that continue one, for longest-prefix
/// search. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// The edges of both tries lie in one open-addressing hash table over (state, character): one probe a character, as a
/// double array needs, and no search for free bases when it is built. docs/tokenization.md has the figures.
/// </remarks>
internal sealed class PieceTrie
{
    private const int WordState = 0;
    private const int ContinuationState = 1;

    private readonly Edge[] _edges;
    private readonly int _shift;
    private int _edgeCount;

    /// <summary>Builds the tries.</summary>
    /// <param name="pieces">The pieces in the order of their ids.</param>
    /// <param name="continuingPrefix">What marks a piece that continues a word.</param>
    public PieceTrie(ReadOnlySpan<string> pieces, string continuingPrefix)
    {
        int characters = 0;
        foreach (string piece in pieces)
        {
            characters += piece.Length;
        }

        // At most one edge a character; pieces share prefixes, so that real vocabularies fill 20 to 35% of the table.
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)int.Max(characters, 16));
        if (characters > capacity / 4 * 3)
        {
            capacity *= 2;
        }

        _edges = new Edge[capacity];
        _shift = 64 - BitOperations.Log2((uint)capacity);

        // A word with a punctuation mark in it has no second character, so that "##ing" can never begin one.
        bool prefixIsPunctuation = continuingPrefix.Length > 0
            && (CharacterTable.Instance.FlagsOf(continuingPrefix[0]) & CharacterFlags.Punctuation) != 0;
        for (int id = 0; id < pieces.Length; id++)
        {
            string piece = pieces[id];
            bool continues = piece.StartsWith(continuingPrefix, StringComparison.Ordinal);
            if (continues && piece.Length > continuingPrefix.Length)
            {
                Add(ContinuationState, piece.AsSpan(continuingPrefix.Length), id);
            }

            if (!continues || !prefixIsPunctuation || piece.Length == 1)
            {
                Add(WordState, piece, id);
            }
        }
    }

    /// <summary>Finds the longest piece that a text begins with.</summary>
    /// <param name="text">The rest of a word, normalised.</param>
    /// <param name="continues">Whether it follows another piece of the word.</param>
    /// <param name="length">The piece's length in <paramref name="text"/>, without its prefix; 0 where there is none.</param>
    /// <returns>The piece's id, or -1.</returns>
    public int FindLongest(ReadOnlySpan<char> text, bool continues, out int length)
    {
        Edge[] edges = _edges;
        int mask = edges.Length - 1;
        int state = continues ? ContinuationState : WordState;
        int found = -1;
        length = 0;
        for (int index = 0; index < text.Length; index++)
        {
            ulong key = Key(state, text[index]);
            int slot = (int)((key * Multiplier) >> _shift);
            while (edges[slot].Key != key)
            {
                if (edges[slot].Key == 0)
                {
                    return found;
                }

                slot = (slot + 1) & mask;
            }

            ref readonly Edge edge = ref edges[slot];
            state = edge.Target;
            if (edge.IdPlusOne != 0)
            {
                found = edge.IdPlusOne - 1;
                length = index + 1;
            }
        }

        return found;
    }

    // 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4): the high bits depend on all of the key.
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    // Never 0, which marks a free slot.
    private static ulong Key(int state, char character) => ((ulong)(uint)state << 16 | character) + 1;

    private void Add(int root, ReadOnlySpan<char> text, int id)
    {
        int state = root;
        int slot = -1;
        foreach (char character in text)
        {
            ulong key = Key(state, character);
            slot = (int)((key * Multiplier) >> _shift);
            while (_edges[slot].Key != key)
            {
                if (_edges[slot].Key == 0)
                {
                    _edges[slot].Key = key;
                    _edges[slot].Target = ContinuationState + ++_edgeCount;
                    break;
                }

                slot = (slot + 1) & (_edges.Length - 1);
            }

            state = _edges[slot].Target;
        }

        _edges[slot].IdPlusOne = id + 1;
    }

    private struct Edge
    {
        public ulong Key;
        public int Target;
        public int IdPlusOne;
    }
}
