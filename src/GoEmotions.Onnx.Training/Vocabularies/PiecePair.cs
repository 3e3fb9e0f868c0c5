namespace GoEmotions.Onnx.Training.Vocabularies;

/// <summary>Two neighbouring pieces of a word, by their ids.</summary>
internal readonly record struct PiecePair(int Left, int Right);
