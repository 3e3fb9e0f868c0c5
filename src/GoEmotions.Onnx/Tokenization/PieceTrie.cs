using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

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

    // 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4): the high bits depend on all of the key.
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private Edge[] _edges;
    private int _shift;
    private int _count;

    /// <summary>Builds the tries.</summary>
    /// <param name="pieces">The pieces in the order of their ids.</param>
    /// <param name="continuingPrefix">What marks a piece that continues a word.</param>
    public PieceTrie(ReadOnlySpan<string> pieces, string continuingPrefix)
    {
        // Real vocabularies need 2 to 3 edges a piece.
        Allocate((int)BitOperations.RoundUpToPowerOf2((uint)int.Max(pieces.Length * 3, 16)));

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
        int state = continues ? ContinuationState : WordState;
        int found = -1;
        length = 0;
        for (int index = 0; index < text.Length; index++)
        {
            ref readonly Edge edge = ref edges[FindSlot(edges, _shift, Key(state, text[index]))];
            if (edge.Key == 0)
            {
                break;
            }

            state = edge.Target;
            if (edge.IdPlusOne != 0)
            {
                found = edge.IdPlusOne - 1;
                length = index + 1;
            }
        }

        return found;
    }

    // Never 0, which marks a free slot.
    private static ulong Key(int state, char character) => ((ulong)(uint)state << 16 | character) + 1;

    [MemberNotNull(nameof(_edges))]
    private void Allocate(int capacity)
    {
        _edges = new Edge[capacity];
        _shift = 64 - BitOperations.Log2((uint)capacity);
    }

    // Compiled at once: it runs only while the vocabulary is loaded, too short a time to leave unoptimised code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(int root, ReadOnlySpan<char> text, int id)
    {
        // A third of the table stays free, whatever the piece needs.
        if (_count + text.Length > _edges.Length / 3 * 2)
        {
            Grow();
        }

        Edge[] edges = _edges;
        int state = root;
        int slot = -1;
        foreach (char character in text)
        {
            slot = FindSlot(edges, _shift, Key(state, character));
            if (edges[slot].Key == 0)
            {
                edges[slot].Key = Key(state, character);
                edges[slot].Target = ContinuationState + ++_count;
            }

            state = edges[slot].Target;
        }

        edges[slot].IdPlusOne = id + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Grow()
    {
        Edge[] edges = _edges;
        Allocate(edges.Length * 2);
        foreach (Edge edge in edges)
        {
            if (edge.Key != 0)
            {
                _edges[FindSlot(_edges, _shift, edge.Key)] = edge;
            }
        }
    }

    // The slot with the key, or the free slot where it belongs.
    private static int FindSlot(Edge[] edges, int shift, ulong key)
    {
        int slot = (int)((key * Multiplier) >> shift);
        while (edges[slot].Key != key && edges[slot].Key != 0)
        {
            slot = (slot + 1) & (edges.Length - 1);
        }

        return slot;
    }

    private struct Edge
    {
        public ulong Key;
        public int Target;
        public int IdPlusOne;
    }
}
