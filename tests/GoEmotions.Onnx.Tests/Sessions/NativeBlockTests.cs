using GoEmotions.Onnx.Sessions;

namespace GoEmotions.Onnx.Tests.Sessions;

public sealed class NativeBlockTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1_000_003)]
    public void NativeBlock_New_IsAlignedAndZero(int size)
    {
        using var block = new NativeBlock(size);
        Assert.Equal(size, block.SizeInBytes);
        Assert.Equal(0, block.Pointer % NativeBlock.AlignmentInBytes);
        Assert.False(block.Span<byte>(0, size).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void NativeBlock_Views_ShareTheMemory()
    {
        using var block = new NativeBlock(32);
        block.Span<long>(8, 2)[1] = 0x0102030405060708;
        Assert.Equal([8, 7, 6, 5, 4, 3, 2, 1], block.Span<byte>(16, 8).ToArray());
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(8, 4)]
    [InlineData(40, 0)]
    [InlineData(-8, 1)]
    [InlineData(0, -1)]
    [InlineData(4, 1)]
    [InlineData(long.MaxValue - 7, 2)]
    [InlineData(0, int.MaxValue)]
    public void NativeBlock_ViewOutside_IsRefused(long start, int count)
    {
        using var block = new NativeBlock(32);
        Assert.Throws<ArgumentOutOfRangeException>(() => { block.Span<long>(start, count); });
    }

    [Fact]
    public void NativeBlock_DisposedTwice_IsClosed()
    {
        var block = new NativeBlock(16);
        block.Dispose();
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { block.Span<byte>(0, 1); });
        Assert.Throws<ObjectDisposedException>(() => block.Pointer);
    }

    [Fact]
    public void NativeBlock_NegativeSize_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new NativeBlock(-1));
}
