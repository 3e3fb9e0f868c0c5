using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GoEmotions.Onnx.Sessions;

/// <summary>
/// Zero-initialised native memory, aligned to 64 bytes, with one owner: whoever made it disposes it.
/// </summary>
/// <remarks>
/// Spans and the pointer are borrowed: none may be used after <see cref="SafeHandle.Dispose()"/>. Native code that runs
/// on the memory holds it open with <see cref="SafeHandle.DangerousAddRef"/>. The handle itself may be used from several threads; what it holds is
/// as safe as any array.
/// </remarks>
internal sealed unsafe class NativeBlock : SafeHandle
{
    /// <summary>The alignment of the first byte, in bytes: a cache line, and the widest vector register.</summary>
    public const int AlignmentInBytes = 64;

    /// <summary>Allocates a block and clears it.</summary>
    /// <param name="sizeInBytes">The size in bytes, 0 or more; a block of 0 bytes is valid and holds no element.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sizeInBytes"/> is negative.</exception>
    /// <exception cref="OutOfMemoryException">The memory cannot be had.</exception>
    public NativeBlock(long sizeInBytes)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeInBytes);
        void* memory = NativeMemory.AlignedAlloc((nuint)long.Max(sizeInBytes, 1), AlignmentInBytes);
        NativeMemory.Clear(memory, (nuint)sizeInBytes);
        SetHandle((nint)memory);
        SizeInBytes = sizeInBytes;
    }

    /// <summary>The size in bytes.</summary>
    public long SizeInBytes { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The address of the first byte, valid until the block is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The block is disposed.</exception>
    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>A view of elements.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="startInBytes">The first element's distance from the beginning in bytes, a multiple of the element's size.</param>
    /// <param name="count">The number of elements.</param>
    /// <returns>The elements, valid until the block is disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The view would leave the block.</exception>
    /// <exception cref="ObjectDisposedException">The block is disposed.</exception>
    public Span<T> Span<T>(long startInBytes, int count)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (startInBytes < 0 || count < 0 || startInBytes % sizeof(T) != 0 || startInBytes > SizeInBytes - ((long)count * sizeof(T)))
        {
            ThrowOutside(startInBytes, count, sizeof(T));
        }

        return new Span<T>((byte*)handle + startInBytes, count);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowOutside(long startInBytes, int count, int elementSizeInBytes) =>
        throw new ArgumentOutOfRangeException(
            nameof(count),
            $"found {count} elements of {elementSizeInBytes} bytes from byte {startInBytes}, expected an aligned range inside the block of {SizeInBytes} bytes");
}
