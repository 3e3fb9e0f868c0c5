using System.Numerics;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>
/// A set of label indices, as bits: without allocation for labels below 64. Immutable and thread-safe;
/// <see langword="default"/> is the empty set.
/// </summary>
public readonly struct LabelSet : IEquatable<LabelSet>
{
    private const int BitsPerWord = 64;

    private readonly ulong _first;
    private readonly ulong[]? _others;

    private LabelSet(ulong first, ulong[]? others)
    {
        _first = first;
        _others = others;
    }

    /// <summary>The number of labels in the set.</summary>
    public int Count
    {
        get
        {
            int count = BitOperations.PopCount(_first);
            foreach (ulong word in _others ?? [])
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>Whether there is no label in the set.</summary>
    public bool IsEmpty => _first == 0 && _others is null;

    /// <summary>Makes a set of label indices.</summary>
    /// <param name="indices">The indices, from 0, in any order; repeated ones count once.</param>
    /// <returns>The set.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative.</exception>
    public static LabelSet Create(params ReadOnlySpan<int> indices)
    {
        LabelSet set = default;
        foreach (int index in indices)
        {
            set = set.Add(index);
        }

        return set;
    }

    /// <summary>The set with one more label.</summary>
    /// <param name="index">The index of the label, from 0.</param>
    /// <returns>This set's labels and <paramref name="index"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative.</exception>
    public LabelSet Add(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (index < BitsPerWord)
        {
            return new LabelSet(_first | (1UL << index), _others);
        }

        if (Contains(index))
        {
            return this;
        }

        int wordIndex = (index / BitsPerWord) - 1;
        ulong[] others = new ulong[Math.Max(wordIndex + 1, _others?.Length ?? 0)];
        _others?.CopyTo(others, 0);
        others[wordIndex] |= 1UL << (index % BitsPerWord);
        return new LabelSet(_first, others);
    }

    /// <summary>Whether a label is in the set.</summary>
    /// <param name="index">The index of the label; one that is negative is in no set.</param>
    /// <returns><see langword="true"/> when it is.</returns>
    public bool Contains(int index)
    {
        if (index < BitsPerWord)
        {
            return index >= 0 && (_first & (1UL << index)) != 0;
        }

        int wordIndex = (index / BitsPerWord) - 1;
        return _others is not null && wordIndex < _others.Length && (_others[wordIndex] & (1UL << (index % BitsPerWord))) != 0;
    }

    /// <summary>Writes the set as one number for each label.</summary>
    /// <param name="destination">One element per label, set to 1 for the labels in the set and to 0 for the others.</param>
    /// <exception cref="ArgumentException">A label of the set lies beyond <paramref name="destination"/>.</exception>
    public void CopyTo(Span<float> destination)
    {
        destination.Clear();
        foreach (int index in this)
        {
            if (index >= destination.Length)
            {
                Throw.Argument($"'destination' has {destination.Length} elements, expected more than {index}, the highest label of the set. Pass one element for each label.", nameof(destination));
            }

            destination[index] = 1;
        }
    }

    /// <summary>Enumerates the label indices in ascending order, without allocation.</summary>
    /// <returns>The enumerator.</returns>
    public Enumerator GetEnumerator() => new(_first, _others);

    /// <summary>The label indices in ascending order.</summary>
    /// <returns>A new array.</returns>
    public int[] ToArray()
    {
        int[] indices = new int[Count];
        int position = 0;
        foreach (int index in this)
        {
            indices[position++] = index;
        }

        return indices;
    }

    /// <inheritdoc/>
    public bool Equals(LabelSet other) => _first == other._first && WithoutZeros(_others).SequenceEqual(WithoutZeros(other._others));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LabelSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(_first);
        foreach (ulong word in WithoutZeros(_others))
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }

    /// <summary>The label indices, such as <c>{2, 17}</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{{{string.Join(", ", ToArray())}}}";

    /// <summary>Whether two sets hold the same labels.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other set.</param>
    /// <returns><see langword="true"/> when they do.</returns>
    public static bool operator ==(LabelSet left, LabelSet right) => left.Equals(right);

    /// <summary>Whether two sets differ.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other set.</param>
    /// <returns><see langword="true"/> when they do.</returns>
    public static bool operator !=(LabelSet left, LabelSet right) => !left.Equals(right);

    private static ReadOnlySpan<ulong> WithoutZeros(ulong[]? words) => words.AsSpan().TrimEnd(0UL);

    /// <summary>Enumerates the label indices of a <see cref="LabelSet"/> in ascending order.</summary>
    public struct Enumerator
    {
        private readonly ulong[]? _others;
        private ulong _word;
        private int _wordIndex;

        internal Enumerator(ulong first, ulong[]? others)
        {
            _word = first;
            _others = others;
            Current = -1;
        }

        /// <summary>The index of the label.</summary>
        public int Current { get; private set; }

        /// <summary>Moves to the next label.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext()
        {
            while (_word == 0)
            {
                if (_others is null || _wordIndex == _others.Length)
                {
                    return false;
                }

                _word = _others[_wordIndex++];
            }

            Current = (_wordIndex * BitsPerWord) + BitOperations.TrailingZeroCount(_word);
            _word &= _word - 1;
            return true;
        }
    }
}
