using GoEmotions.Onnx.Sessions;

namespace GoEmotions.Onnx.Training;

/// <summary>Native memory that is handed out piece by piece for one run and taken back whole. Grows to the largest run; not thread-safe.</summary>
internal sealed class NativeScratch : IDisposable
{
    private readonly List<NativeBlock> _blocks = [new(1 << 20)];
    private long _used;

    /// <summary>Takes all pieces back.</summary>
    public void Reset()
    {
        _used = 0;
        if (_blocks.Count > 1)
        {
            long size = _blocks.Sum(block => block.SizeInBytes);
            Dispose();
            _blocks.Clear();
            _blocks.Add(new NativeBlock(size));
        }
    }

    /// <summary>Hands out a piece, aligned as a block is; valid until <see cref="Reset"/>.</summary>
    public NativePiece<T> Take<T>(long count)
        where T : unmanaged
    {
        int size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        long bytes = ((count * size) + NativeBlock.AlignmentInBytes - 1) / NativeBlock.AlignmentInBytes * NativeBlock.AlignmentInBytes;
        if (_used + bytes > _blocks[^1].SizeInBytes)
        {
            _blocks.Add(new NativeBlock(Math.Max(bytes, _blocks[^1].SizeInBytes)));
            _used = 0;
        }

        var piece = new NativePiece<T>(_blocks[^1], _used, checked((int)count));
        _used += bytes;
        return piece;
    }

    public void Dispose()
    {
        foreach (NativeBlock block in _blocks)
        {
            block.Dispose();
        }
    }
}
