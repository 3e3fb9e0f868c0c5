namespace GoEmotions.Onnx.Graphs.Tests;

public sealed class DimensionTests
{
    [Theory]
    [InlineData("batch", "batch")]
    [InlineData("sequence*batch", "batch*sequence")]
    [InlineData("12*batch", "12*batch")]
    [InlineData("2*(a+b)", "2*(a+b)")]
    [InlineData("floor(n/2)", "floor(n/2)")]
    [InlineData("?", "?")]
    public void Dimension_Text_IsKeptOrPutInOrder(string text, string expected)
    {
        Assert.Equal(expected, Dimension.Symbol(text).ToString());
        Assert.Equal(Dimension.Symbol(text), Dimension.Symbol(expected));
    }

    [Fact]
    public void Dimension_Products_CancelExactly()
    {
        Dimension total = (Dimension)"sequence" * 4 * "batch" * 3;
        Assert.Equal("12*batch*sequence", total.ToString());
        Assert.True(total.TryDivide((Dimension)6 * "batch", out Dimension rest));
        Assert.Equal((Dimension)2 * "sequence", rest);
        Assert.False(total.TryDivide(5, out rest));
        Assert.True(rest.IsUnknown);
        Assert.False(total.TryDivide("n", out _));
        Assert.False(total.TryDivide(0, out _));
        Assert.True(total.TryDivide(total, out rest));
        Assert.True(rest.IsOne);
    }

    [Fact]
    public void Dimension_ZeroAndUnknown_AbsorbWhatTheyMeet()
    {
        Assert.Equal(0, ((Dimension)"batch" * 0).Value);
        Assert.True((Dimension.Unknown * 2).IsUnknown);
        Assert.True((Dimension.Constant(long.MaxValue) * 2).IsUnknown);
        Assert.False(Dimension.Unknown.IsSymbolic);
        Assert.Empty(Dimension.Unknown.Factors);
    }

    [Fact]
    public void Dimension_Misuse_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Dimension.Constant(-1));
        Assert.Throws<ArgumentException>(() => Dimension.Symbol(""));
        Assert.Equal("dimension 'batch' is not constant; ask IsConstant first.", Assert.Throws<InvalidOperationException>(() => ((Dimension)"batch").Value).Message);
    }

    [Fact]
    public void SymbolicShape_Equality_IsByDimensions()
    {
        SymbolicShape shape = ["batch", 3];
        Assert.Equal(SymbolicShape.Create("batch", 3), shape);
        Assert.NotEqual(SymbolicShape.Create(3, "batch"), shape);
        Assert.Equal("[batch, 3]", shape.ToString());
        Assert.Equal("3*batch", shape.ElementCount.ToString());
        Assert.Equal(1, SymbolicShape.Scalar.ElementCount.Value);
        Assert.False(shape.IsConstant);
    }
}
