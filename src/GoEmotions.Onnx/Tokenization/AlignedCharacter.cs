namespace GoEmotions.Onnx.Tokenization;

/// <summary>A code point of a normalised text and the UTF-16 range of the source text that it came from.</summary>
internal record struct AlignedCharacter(int CodePoint, int Start, int End);
