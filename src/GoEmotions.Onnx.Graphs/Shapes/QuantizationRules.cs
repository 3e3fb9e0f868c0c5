namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Codes of 8 bits and the products of them.</summary>
internal static class QuantizationRules
{
    public static IEnumerable<OperatorRule> Rows =>
    [
        new("QuantizeLinear", 10, "**|*", TypeSet.Any, "axis:INT saturate:INT block_size:INT output_dtype:INT precision:INT", QuantizeLinear),
        new("DequantizeLinear", 10, "**|*", TypeSet.Any, "axis:INT block_size:INT output_dtype:INT", c => c.Output(0, c.InputType(1), c.InputShape(0))),
        new("MatMulInteger", 10, "**|**", TypeSet.Any, "", c => MatrixRules.Product(c, ElementType.Int32)),
        new("MatMulIntegerToFloat", 1, "**FF|**F", TypeSet.Any, "", c => MatrixRules.Product(c, c.InputType(2)), Domain: OperatorTable.MicrosoftDomain),
    ];

    // Without a zero point the codes are uint8.
    private static void QuantizeLinear(ShapeContext context)
    {
        ElementType type = context.HasInput(2) ? context.InputType(2) : (ElementType)context.Int("output_dtype", (long)ElementType.UInt8);
        context.Output(0, type, context.InputShape(0));
    }
}
