using System.Numerics;
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
        int count = 0;
        foreach (string piece in pieces)
        {
            count += IsShortWord(piece) ? 1 : 0;
        }

        // Half full at most.
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)int.Max(count * 2, 16));
        _slots = new Slot[capacity];
        _shift = 64 - BitOperations.Log2((uint)capacity);
        Span<byte> bytes = stackalloc byte[16];
        for (int id = 0; id < pieces.Length; id++)
        {
            string piece = pieces[id];
            if (IsShortWord(piece))
            {
                bytes.Clear();
                for (int index = 0; index < piece.Length; index++)
                {
                    bytes[index] = (byte)piece[index];
                }

                Add(Vector128.Create<byte>(bytes).AsUInt64(), id);
            }
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

    private static bool IsShortWord(string piece)
    {
        if (piece.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (char character in piece)
        {
            if (!char.IsAsciiLetterOrDigit(character))
            {
                return false;
            }
        }

        return true;
    }

    private void Add(Vector128<ulong> word, int id)
    {
        int slot = (int)(Hash(word.ToScalar(), word.GetElement(1)) >> _shift);
        while (_slots[slot].Low != 0)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = new Slot { Low = word.ToScalar(), High = word.GetElement(1), Id = id };
    }

    private struct Slot
    {
        public ulong Low;
        public ulong High;
        public int Id;
    }
}
