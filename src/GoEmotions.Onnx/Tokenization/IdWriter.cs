using System.Numerics;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>Writes ids into the caller's span; without one (<see cref="Counting"/>) it only counts.</summary>
internal ref struct IdWriter<T> : IPieceWriter
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly Span<T> _ids;
    private readonly int _limit;

    public IdWriter(Span<T> ids)
        : this(ids, ids.Length)
    {
    }

    private IdWriter(Span<T> ids, int limit)
    {
        _ids = ids;
        _limit = limit;
    }

    public static IdWriter<T> Counting => new([], int.MaxValue);

    public int Count { get; private set; }

    public bool Truncated { get; set; }

    public readonly bool IsFull => Count >= _limit;

    public void Write(int id, int start, int end) => Write(id);

    public void Write(int id)
    {
        if (Count >= _limit)
        {
            Truncated = true;
            return;
        }

        if ((uint)Count < (uint)_ids.Length)
        {
            _ids[Count] = T.CreateTruncating(id);
        }

        Count++;
    }

    public void Rewind(int count)
    {
        Count = count;
        Truncated = false;
    }
}
