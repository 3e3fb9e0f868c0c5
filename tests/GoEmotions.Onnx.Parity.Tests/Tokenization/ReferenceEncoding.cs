namespace GoEmotions.Onnx.Parity.Tests.Tokenization;

/// <summary>What the reference says of one text.</summary>
/// <param name="Ids">The ids, [CLS] and [SEP] included.</param>
/// <param name="Offsets">Each piece's place in the text, in code points.</param>
public sealed record ReferenceEncoding(int[] Ids, (int Start, int End)[] Offsets);
