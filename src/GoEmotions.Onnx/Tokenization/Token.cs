namespace GoEmotions.Onnx.Tokenization;

/// <summary>A piece of a text, as the model sees it.</summary>
/// <param name="Piece">The vocabulary's piece, <c>##</c> before one that continues a word; for an added token its content.</param>
/// <param name="Id">The id in the vocabulary.</param>
/// <param name="Start">Where the piece begins in the caller's text, in UTF-16 characters; 0 for [CLS] and [SEP].</param>
/// <param name="End">Where it ends, exclusive; 0 for [CLS] and [SEP], which stand for no text.</param>
public readonly record struct Token(string Piece, int Id, int Start, int End);
