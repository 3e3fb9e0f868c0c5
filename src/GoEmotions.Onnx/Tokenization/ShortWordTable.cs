using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>
/// The pieces of at most 15 ASCII letters and digits that begin a word, found by their 16 bytes at once. Immutable and
/// thread-safe.
/// </summary>
/// <remarks>Nine of ten words of real text are such a piece as a whole, and need no walk through the trie.</remarks>
internal sealed class ShortWordTable
{
    /// <summary>The longest word in characters; the sixteenth byte of a window holds the end of the word.</summary>
    public const int MaxLength = 15;

    private readonly Slot[] _slots;
    private readonly int _shift;

    public ShortWordTable(ReadOnlySpan<string> pieces)
    {
        // Half full at most.
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)int.Max(pieces.Length * 2, 16));
        _slots = new Slot[capacity];
        _shift = 64 - BitOperations.Log2((uint)capacity);
        for (int id = 0; id < pieces.Length; id++)
        {
            Add(pieces[id], id);
        }
    }

    /// <summary>Finds a word.</summary>
    /// <param name="word">Its characters as bytes, zero behind the last.</param>
    /// <returns>The piece's id, or -1.</returns>
    public int Find(Vector128<ulong> word)
    {
        Slot[] slots = _slots;
        ulong low = word.ToScalar();
        ulong high = word.GetElement(1);
        for (int slot = (int)(Hash(low, high) >> _shift); ; slot++)
        {
            ref readonly Slot candidate = ref slots[slot & (slots.Length - 1)];
            if (candidate.Low == low && candidate.High == high)
            {
                return candidate.Id;
            }

            if (candidate.Low == 0)
            {
                return -1;
            }
        }
    }

    private static ulong Hash(ulong low, ulong high) =>
        (low ^ BitOperations.RotateLeft(high * 0xC2B2AE3D27D4EB4F, 32)) * 0x9E3779B97F4A7C15;

    // Compiled at once: it runs only while the vocabulary is loaded, too short a time to leave unoptimised code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(string piece, int id)
    {
        if (piece.Length > MaxLength)
        {
            return;
        }

        ulong low = 0;
        ulong high = 0;
        for (int index = piece.Length - 1; index >= 0; index--)
        {
            char character = piece[index];
            if (!char.IsAsciiLetterOrDigit(character))
            {
                return;
            }

            high = high << 8 | low >> 56;
            low = low << 8 | character;
        }

        Slot[] slots = _slots;
        int slot = (int)(Hash(low, high) >> _shift);
        while (slots[slot].Low != 0)
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        slots[slot] = new Slot { Low = low, High = high, Id = id };
    }

    private struct Slot
    {
        public ulong Low;
        public ulong High;
        public int Id;
    }
}
