using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Pretraining;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Training.Tests.Pretraining;

public sealed class MaskedTokenTrainerTests
{
    // The second word follows from the first and the other way round: what an encoder can learn without labels.
    private static readonly string[] Texts = [.. Enumerable.Range(0, 160).Select(index => $"{Pairs[index % Pairs.Length].First} goes with {Pairs[index % Pairs.Length].Second}")];

    private static readonly WordPieceTokenizer Tokenizer = WordPieceTokenizer.Create(
        WordPieceTrainer.Train(Texts, new WordPieceTrainerOptions { VocabularySize = 150 }), new WordPieceTokenizerOptions { MaxLength = 32 });

    private static readonly PretrainingOptions Options = new() { Epochs = 12, BatchSize = 8, MaxLength = 32, LearningRate = 2e-3 };

    private static (string First, string Second)[] Pairs =>
        [("cat", "mouse"), ("rain", "umbrella"), ("bread", "butter"), ("night", "moon"), ("ship", "harbour"), ("pen", "paper"), ("salt", "pepper"), ("horse", "saddle")];

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void MaskedTokenTrainer_WordsThatFollowFromOthers_AreLearned(string architecture)
    {
        var epochs = new List<PretrainingEpoch>();
        Train(Checkpoint(architecture), Options, epochs);
        Assert.Equal(Enumerable.Range(1, Options.Epochs), epochs.Select(epoch => epoch.EpochNumber));

        // Eight pairs and three words in between: one who knows the words alone, not the pairs, stays near ln(8)/2 = 1.04 nats.
        Assert.InRange(epochs[0].Loss, 2, Math.Log(Tokenizer.IdCount) + 1);
        Assert.InRange(epochs[^1].Loss, 0, 0.7);
    }

    [Fact]
    public void MaskedTokenTrainer_SameSeed_GivesTheSameBits()
    {
        PretrainingOptions options = Options with { Epochs = 2, Threads = 2 };
        float[] first = Flat(options);
        Assert.Equal(first, Flat(options));
        Assert.NotEqual(first, Flat(options with { Seed = 43 }));

        static float[] Flat(PretrainingOptions options) => [.. Train(Checkpoint("bert"), options).Parameters.SelectMany(parameter => parameter.Values.ToArray())];
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    public void MaskedTokenTrainer_Result_IsTheCheckpointWithAnotherEncoder(string architecture)
    {
        Checkpoint checkpoint = Checkpoint(architecture);
        Checkpoint trained = Train(checkpoint, Options with { MaxSteps = 3 });
        Assert.Equal(checkpoint.Config, trained.Config);
        Assert.Equal(checkpoint.Parameters.Select(parameter => parameter.Name), trained.Parameters.Select(parameter => parameter.Name));
        foreach (ParameterSpec spec in checkpoint.Config.Architecture.GetParameters(checkpoint.Config))
        {
            bool same = checkpoint.Parameters[spec.Name].Values.Span.SequenceEqual(trained.Parameters[spec.Name].Values.Span);
            bool isOfEncoder = spec.Role is ParameterRole.Embeddings or ParameterRole.EncoderLayer;
            Assert.True(same != isOfEncoder, spec.Name);
        }
    }

    [Fact]
    public void MaskedTokenTrainer_TextsWithNothingToHide_AreLeftAside()
    {
        using var trainer = new MaskedTokenTrainer(Checkpoint("bert"), Tokenizer, ["", "cat goes", "   "], Options);
        Assert.Equal(2, trainer.UnusableCount);
        Assert.Contains("none of 1 texts has a token that could be hidden", Assert.Throws<ArgumentException>(() => new MaskedTokenTrainer(Checkpoint("bert"), Tokenizer, [""], Options)).Message);
    }

    [Fact]
    public void MaskedTokenTrainer_WhatDoesNotFit_IsRefused()
    {
        Checkpoint checkpoint = Checkpoint("bert");
        WordPieceTokenizer noMask = WordPieceTokenizer.Create(Vocabulary.Create([.. Tokenizer.Vocabulary.Pieces.ToArray().Where(piece => piece != "[MASK]")]), new WordPieceTokenizerOptions { MaxLength = 32 });
        Assert.Contains("no mask token '[MASK]'", Assert.Throws<ArgumentException>(() => new MaskedTokenTrainer(checkpoint, noMask, Texts, Options)).Message);
        Checkpoint small = Graphs.Weights.Checkpoint.CreateRandom(checkpoint.Config with { VocabularySize = 50 }, 1);
        Assert.Contains("the word embeddings have 50 rows", Assert.Throws<ArgumentException>(() => new MaskedTokenTrainer(small, Tokenizer, Texts, Options)).Message);
        Assert.Contains("the checkpoint takes at most 32", Assert.Throws<ArgumentOutOfRangeException>(() => new MaskedTokenTrainer(checkpoint, Tokenizer, Texts, Options with { MaxLength = 33 })).Message);
        Assert.Equal("MaskingProbability", Assert.Throws<ArgumentOutOfRangeException>(() => new MaskedTokenTrainer(checkpoint, Tokenizer, Texts, Options with { MaskingProbability = 0 })).ParamName);
        Assert.Equal("Epochs", Assert.Throws<ArgumentOutOfRangeException>(() => new MaskedTokenTrainer(checkpoint, Tokenizer, Texts, Options with { Epochs = 0 })).ParamName);
    }

    [Fact]
    public void MaskedTokenTrainer_Cancelled_EndsBeforeTheNextStep()
    {
        using var cancellation = new CancellationTokenSource();
        int steps = 0;
        using var trainer = new MaskedTokenTrainer(Checkpoint("bert"), Tokenizer, Texts, Options);
        Assert.Throws<OperationCanceledException>(() => trainer.Run(
            progress =>
            {
                steps++;
                cancellation.Cancel();
            },
            cancellationToken: cancellation.Token));
        Assert.Equal(1, steps);
    }

    private static Checkpoint Train(Checkpoint checkpoint, PretrainingOptions options, List<PretrainingEpoch>? epochs = null)
    {
        using var trainer = new MaskedTokenTrainer(checkpoint, Tokenizer, Texts, options);
        return trainer.Run(null, epoch => epochs?.Add(epoch), TestContext.Current.CancellationToken);
    }

    private static Checkpoint Checkpoint(string architecture) =>
        Graphs.Weights.Checkpoint.CreateRandom(EncoderConfig.Create(EncoderSize.Tiny, Tokenizer.IdCount, ["a", "b"], architecture) with { MaxPositionEmbeddings = 32, InitializerRange = 0.05 }, 1);
}
