using System.CommandLine;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions vocab</c>: a WordPiece vocabulary from texts.</summary>
internal static class VocabCommand
{
    public static Command Create(CliConsole console)
    {
        var input = new Option<string[]>("--input") { Description = "Text files with one text a line, or data sets (CSV, TSV, JSONL); without any, the embedded sample", AllowMultipleArgumentsPerToken = true, HelpName = "FILES" };
        Option<int?> size = TextArguments.AtLeast("--size", WordPieceTrainer.SpecialTokens.Count + 1, "Number of pieces (default 8000)");
        var addedTokens = new Option<string[]>("--added-token") { Description = "A token to keep whole, such as [NAME]; may be given several times", HelpName = "TOKEN" };
        var output = new Option<string>("--out") { Description = "The vocab.txt to write", Required = true, HelpName = "FILE" };
        var force = new Option<bool>("--force") { Description = "Replace FILE if it exists" };
        var command = new Command("vocab", "Make a WordPiece vocabulary from texts.") { input, size, addedTokens, output, force };
        command.SetAction(parse =>
        {
            string path = parse.GetRequiredValue(output);
            OutputFile.Check(path, parse.GetValue(force));
            var options = new WordPieceTrainerOptions
            {
                VocabularySize = parse.GetValue(size) ?? 8000,
                AddedTokens = parse.GetValue(addedTokens) ?? [],
            };
            Vocabulary vocabulary = WordPieceTrainer.Train(TrainingTexts.Read(parse.GetValue(input) ?? []), options);
            if (vocabulary.Count == WordPieceTrainer.SpecialTokens.Count + options.AddedTokens.Count)
            {
                throw new InvalidDataException($"{string.Join(", ", parse.GetValue(input) ?? [])}: found no word, expected texts to make a vocabulary from.");
            }

            vocabulary.Save(path);
            console.Note($"{path}: {vocabulary.Count} pieces{(vocabulary.Count < options.VocabularySize ? $" (the texts have no more than that, {options.VocabularySize} were asked for)" : "")}");
        });
        return command;
    }
}
