using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using Google.Protobuf;

namespace GoEmotions.Onnx.Tests;

/// <summary>A small random classifier over a vocabulary of single letters: every letter of a text is a token.</summary>
internal static class ClassifierModel
{
    public static EmotionLabels Labels { get; } = EmotionLabels.Create("joy", "fear", "anger");

    public static WordPieceTokenizer Tokenizer { get; } = WordPieceTokenizer.Create(Vocabulary.Create(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", .. "abcdefghijklmnopqrstuvwxyz".Select(letter => letter.ToString()), .. "abcdefghijklmnopqrstuvwxyz".Select(letter => $"##{letter}")]));

    public static EncoderConfig Config { get; } = EncoderConfig.Create(EncoderSize.Tiny, Tokenizer.IdCount, [.. Labels]) with { MaxPositionEmbeddings = 64, InitializerRange = 0.5 };

    public static byte[] Onnx { get; } = ClassifierGraph.FromCheckpoint(Checkpoint.CreateRandom(Config, seed: 3)).ToModel().ToByteArray();

    /// <summary>A graph that opens and cannot run: ids beyond the embedding table.</summary>
    public static byte[] OnnxThatCannotRun { get; } = ClassifierGraph.FromCheckpoint(Checkpoint.CreateRandom(Config with { VocabularySize = 5 }, seed: 3)).ToModel().ToByteArray();

    public static EmotionClassifier Create(EmotionClassifierOptions? options = null) =>
        EmotionClassifier.Create(Onnx, Tokenizer, Labels, Config.MaxPositionEmbeddings, options);
}
