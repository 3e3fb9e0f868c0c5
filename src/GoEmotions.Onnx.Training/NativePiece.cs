using GoEmotions.Onnx.Sessions;

namespace GoEmotions.Onnx.Training;

/// <summary>A piece of a native block, borrowed from whoever owns the block.</summary>
internal readonly record struct NativePiece<T>(NativeBlock Block, long StartInBytes, int Count)
    where T : unmanaged
{
    public nint Address => Block.Pointer + (nint)StartInBytes;

    public Span<T> Span => Block.Span<T>(StartInBytes, Count);
}
