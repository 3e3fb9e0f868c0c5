using System.Runtime.InteropServices;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Sessions;

namespace GoEmotions.Onnx.Tests.Sessions;

public sealed class RunContextTests
{
    private static readonly int[][] Texts = [[5, 6], [], [7, 8, 9]];

    [Fact]
    public void RunContext_Packed_HasTheLayoutOfServingGraphs()
    {
        GraphInputs inputs = Inputs(("input_ids", 1), ("position_ids", 1), ("lengths", 1), ("pad_index", 2), ("unpad_index", 1));
        Assert.True(inputs.IsPacked);
        using RunContext context = Fill(inputs);
        Assert.Equal((3, 5, 11), (context.Rows, context.SequenceLength, context.TokenCount));
        Assert.Equal([2, 5, 6, 3, 2, 3, 2, 7, 8, 9, 3], Plane(context, 0, 11));
        Assert.Equal([0, 1, 2, 3, 0, 1, 0, 1, 2, 3, 4], Plane(context, 1, 11));
        Assert.Equal([4, 2, 5], Plane(context, 2, 3));
        Assert.Equal([0, 1, 2, 3, 0, 4, 5, 0, 0, 0, 6, 7, 8, 9, 10], Plane(context, 3, 15));
        Assert.Equal([0, 1, 2, 3, 5, 6, 10, 11, 12, 13, 14], Plane(context, 4, 11));
    }

    [Fact]
    public void RunContext_Padded_HasTheLayoutOfOrdinaryGraphs()
    {
        GraphInputs inputs = Inputs(("attention_mask", 2), ("input_ids", 2), ("token_type_ids", 2), ("lengths", 1));
        Assert.False(inputs.IsPacked);
        using RunContext context = Fill(inputs);
        Assert.Equal([1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1], Plane(context, 0, 15));
        Assert.Equal([2, 5, 6, 3, 0, 2, 3, 0, 0, 0, 2, 7, 8, 9, 3], Plane(context, 1, 15));
        Assert.Equal(new long[15], Plane(context, 2, 15));
        Assert.Equal([4, 2, 5], Plane(context, 3, 3));
    }

    [Theory]
    [InlineData("pixel_values", 2, "input 'pixel_values' is unknown")]
    [InlineData("attention_mask", 1, "input 'attention_mask' is Int64 of rank 1, expected Int64 [batch, sequence]")]
    public void GraphInputs_OtherInput_IsRefused(string name, int rank, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Inputs(("input_ids", 2), (name, rank))).Message);

    [Fact]
    public void GraphInputs_FixedShape_IsRefused()
    {
        OnnxSummary summary = Summary([new OnnxValue("input_ids", OnnxElementType.Int64, [1, 128])]);
        Assert.Contains("has the fixed shape [1, 128]", Assert.Throws<InvalidDataException>(() => GraphInputs.Of(summary, "model")).Message);
    }

    private static GraphInputs Inputs(params (string Name, int Rank)[] inputs) =>
        GraphInputs.Of(Summary([.. inputs.Select(input => new OnnxValue(input.Name, OnnxElementType.Int64, [.. Enumerable.Repeat(-1L, input.Rank)]))]), "model");

    private static OnnxSummary Summary(OnnxValue[] inputs) => new()
    {
        Inputs = inputs,
        Outputs = [new OnnxValue("logits", OnnxElementType.Float, [-1, 3])],
        Metadata = new Dictionary<string, string>(),
        ExternalFiles = [],
    };

    private static RunContext Fill(GraphInputs inputs)
    {
        var context = new RunContext(inputs, RunCapacity.Create(16, 8, inputs.IsPacked), labelCount: 3);

        // What an earlier batch left must not shine through.
        context.Begin(2, 6, 12);
        context.AddRow([9, 9, 9, 9], ClassifierModel.Tokenizer);
        context.AddRow([9, 9, 9, 9], ClassifierModel.Tokenizer);
        context.Begin(Texts.Length, 5, 11);
        foreach (int[] text in Texts)
        {
            context.AddRow(text, ClassifierModel.Tokenizer);
        }

        return context;
    }

    private static long[] Plane(RunContext context, int input, int count)
    {
        long[] plane = new long[count];
        Marshal.Copy(context.AddressOf(input), plane, 0, count);
        return plane;
    }
}
