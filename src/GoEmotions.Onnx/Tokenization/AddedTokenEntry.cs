namespace GoEmotions.Onnx.Tokenization;

/// <summary>An added token with its id and the code points that are looked for.</summary>
internal sealed record AddedTokenEntry(AddedToken Token, int Id, int[] Pattern);
