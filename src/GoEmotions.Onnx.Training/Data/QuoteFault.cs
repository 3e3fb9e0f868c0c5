namespace GoEmotions.Onnx.Training.Data;

/// <summary>What is wrong with the quotes of a row.</summary>
internal enum QuoteFault
{
    None,
    NeverClosed,
    TextAfterQuote,
}
