using System.CommandLine;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions init</c>: a randomly initialised checkpoint in the Hugging Face layout.</summary>
internal static class InitCommand
{
    private const int DefaultVocabularySize = 3000;

    // Encoders of 128 to 384 stay at the labels' frequencies for epochs with the usual 0.02 (docs/recipe.md).
    private const double DefaultInitializerRange = 0.05;

    public static Command Create(CliConsole console)
    {
        var size = new Option<string>("--size") { Description = "Layers x hidden x heads: tiny 2x128x2, mini 4x256x4, small 6x384x12, base 12x768x12; or any other, such as 2x192x3", Required = true, HelpName = "SIZE" };
        size.Validators.Add(result =>
        {
            try
            {
                EncoderSize.Parse(result.Tokens[0].Value);
            }
            catch (ArgumentException error)
            {
                result.AddError($"--size: {ErrorLine.Of(error)}");
            }
        });
        var architecture = new Option<string>("--architecture") { Description = "The encoder", DefaultValueFactory = _ => EncoderArchitecture.All[0].ModelType };
        architecture.AcceptOnlyFromAmong([.. EncoderArchitecture.All.Select(known => known.ModelType)]);
        var vocabulary = new Option<string?>("--vocab") { Description = $"A vocab.txt, or a directory with a tokenizer; without it, up to {DefaultVocabularySize} pieces made from the embedded sample", HelpName = "FILE" };
        var range = new Option<double>("--initializer-range") { Description = "The standard deviation of the random weights; Hugging Face's configurations have 0.02, from which small encoders start badly", DefaultValueFactory = _ => DefaultInitializerRange, HelpName = "S" };
        var labels = new Option<string?>("--labels") { Description = "A file with one label a line; without it, the 28 of GoEmotions", HelpName = "FILE" };
        var seed = new Option<long>("--seed") { Description = "The seed of the parameters", DefaultValueFactory = _ => 42, HelpName = "N" };
        var onnx = new Option<bool>("--onnx") { Description = "Write onnx/model.onnx too, as the engine loads it" };
        var output = new Option<string>("--out") { Description = "The directory to write", Required = true, HelpName = "DIR" };
        var force = new Option<bool>("--force") { Description = "Replace a model directory that exists" };
        var command = new Command("init", "Make a randomly initialised checkpoint.") { size, architecture, vocabulary, range, labels, seed, onnx, output, force };
        command.SetAction(parse =>
        {
            using StagedDirectory staged = StagedDirectory.Create(parse.GetRequiredValue(output), parse.GetValue(force) ? ModelFiles.Names : null);
            WordPieceTokenizer tokenizer = MakeTokenizer(parse.GetValue(vocabulary));
            EmotionLabels names = parse.GetValue(labels) is string file ? EmotionLabels.Load(file) : EmotionLabels.GoEmotions;
            EncoderConfig config = EncoderConfig.Create(EncoderSize.Parse(parse.GetRequiredValue(size)), tokenizer.IdCount, [.. names], parse.GetRequiredValue(architecture)) with
            {
                PadTokenId = tokenizer.PadTokenId,
                InitializerRange = parse.GetValue(range),
            };
            Checkpoint checkpoint = Checkpoint.CreateRandom(config, parse.GetValue(seed));
            if (parse.GetValue(onnx))
            {
                ModelFiles.WriteModel(staged.Path, checkpoint, tokenizer);
            }
            else
            {
                ModelFiles.WriteCheckpoint(staged.Path, checkpoint, tokenizer);
            }

            staged.Commit();
            console.Note($"{parse.GetValue(output)}: {config.ModelType} {parse.GetValue(size)}, {ModelSummary.Of(checkpoint).ParameterCount:N0} random parameters, {names.Count} labels, {tokenizer.IdCount:N0} pieces, seed {parse.GetValue(seed)}");
        });
        return command;
    }

    private static WordPieceTokenizer MakeTokenizer(string? vocabulary)
    {
        var options = new WordPieceTokenizerOptions { MaxLength = EncoderConfig.DefaultMaxPositionEmbeddings };
        return vocabulary is not null
            ? WordPieceTokenizer.Load(vocabulary, options)
            : WordPieceTokenizer.Create(WordPieceTrainer.Train(TrainingTexts.Read([]), new WordPieceTrainerOptions { VocabularySize = DefaultVocabularySize }), options);
    }
}
