using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions predict</c>: the emotions of texts, with their probabilities.</summary>
internal static class PredictCommand
{
    /// <summary>The threshold of every label, for a model that brings none of its own.</summary>
    private const float DefaultThreshold = 0.5f;

    public static Command Create(CliConsole console)
    {
        Option<string?> model = ModelOption.Create("Model directory");
        Option<int?> top = TextArguments.AtLeast("--top", 1, "Show the N most probable labels, whatever their thresholds");
        var threshold = new Option<float?>("--threshold") { Description = "A probability in [0, 1] from which on a label holds, instead of the model's own thresholds", HelpName = "T" };
        threshold.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && float.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out float value) && value is not (>= 0 and <= 1))
            {
                result.AddError($"--threshold is {result.Tokens[0].Value}, expected a probability in [0, 1].");
            }
        });
        var json = new Option<bool>("--json") { Description = "One JSON object a line: text, scores, labels" };
        Argument<string[]> texts = TextArguments.Argument();
        var command = new Command("predict", "Score the emotions of texts.") { model, top, threshold, json, texts };
        command.SetAction(parse =>
        {
            string directory = parse.ResolveModel(model);
            using EmotionClassifier classifier = CheckpointClassifier.Load(directory, console.Note);
            int count = Math.Min(parse.GetValue(top) ?? classifier.Labels.Count, classifier.Labels.Count);
            LabelThresholds thresholds = parse.GetValue(threshold) is float value ? LabelThresholds.Uniform(classifier.Labels, value)
                : CheckpointClassifier.FindThresholds(directory, classifier.Labels) ?? LabelThresholds.Uniform(classifier.Labels, DefaultThreshold);
            int cut = 0;
            using var lines = new JsonLines(console.Output);
            foreach (string[] chunk in TextArguments.ReadChunks(parse, texts, console))
            {
                var probabilities = new float[chunk.Length * classifier.Labels.Count];
                classifier.Score(chunk, probabilities);
                var table = new Table { Border = TableBorder.Rounded, ShowRowSeparators = true };
                table.AddColumn("Text").AddColumn("Label").AddColumn(new TableColumn("Probability").RightAligned());
                for (int index = 0; index < chunk.Length; index++)
                {
                    var scores = new TextScores(chunk[index], classifier.Labels, thresholds, probabilities.AsMemory(index * classifier.Labels.Count, classifier.Labels.Count));
                    if (parse.GetValue(json))
                    {
                        scores.WriteTo(lines, count);
                    }
                    else
                    {
                        scores.AddTo(table, parse.GetValue(top));
                    }
                }

                if (!parse.GetValue(json))
                {
                    console.Write(table);
                }

                console.Output.Flush();
                cut += chunk.Count(text => classifier.Tokenizer.CountTokens(text) > classifier.MaxLength);
            }

            if (cut > 0)
            {
                console.Note($"{cut} of the texts {(cut == 1 ? "is" : "are")} longer than {classifier.MaxLength} tokens; what lies behind was not looked at");
            }
        });
        return command;
    }
}
