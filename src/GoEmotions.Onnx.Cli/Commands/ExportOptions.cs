using System.CommandLine;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>The options of <c>goemotions export</c>.</summary>
internal sealed class ExportOptions(IReadOnlyCollection<string> variants, IReadOnlyCollection<string> graphs, IReadOnlyCollection<string> weights)
{
    public Option<string> Model { get; } = new("--model") { Description = "The trained model's directory, or the run folder of 'goemotions train'", Required = true, HelpName = "DIR" };

    public Option<string> Output { get; } = new("--out") { Description = "The directory to write", Required = true, HelpName = "DIR" };

    public Option<string?> Variants { get; } = CheckedOption.Parsed("--variants", "V,V", $"The graphs' precisions, of {string.Join(", ", variants)} (default all)", text => CheckVariants(text, variants));

    public Option<string?> Graphs { get; } = CheckedOption.OneOf("--graphs", "For whom each is written: portable (onnx/model*.onnx, standard operators, for other programs), serving (onnx/serving*.onnx, for the engine), or all (the default)", [.. graphs]);

    public Option<string?> Weights { get; } = CheckedOption.OneOf("--weights", "model.safetensors in f32 (the default) or f16, or none", [.. weights]);

    public Option<string[]> Data { get; } = new("--data") { Description = "For int8: labelled texts, whose training split its ranges are found on and whose development split it is judged by; without it, the data of the run, else the embedded sample", AllowMultipleArgumentsPerToken = true, HelpName = "FILE|DIR" };

    public Option<string[]> Dev { get; } = new("--dev") { Description = "Files with the development set, instead of a part of --data", AllowMultipleArgumentsPerToken = true, HelpName = "FILES" };

    public Option<string?> Run { get; } = new("--run") { Description = "The run folder whose record the model card tells; without it, that around the model, if there is one", HelpName = "DIR" };

    public Option<string[]> Evaluate { get; } = new("--evaluate") { Description = "For the model card: labelled texts to measure the written graphs on, each file under its name; of a folder, its development and test files", AllowMultipleArgumentsPerToken = true, HelpName = "FILE|DIR" };

    public Option<bool> MeasureLatency { get; } = new("--measure-latency") { Description = "For the model card: measure speed on this machine; another export's card then differs" };

    public Option<string?> License { get; } = new("--license") { Description = "For the model card: the licence's SPDX identifier, such as mit", HelpName = "ID" };

    public Option<string?> Language { get; } = new("--language") { Description = "For the model card: the texts' language (default en)", HelpName = "CODE" };

    public Option<string?> Name { get; } = new("--name") { Description = "For the model card: the model's name (default one of its size)", HelpName = "NAME" };

    public Option<string?> Notes { get; } = new("--notes") { Description = "For the model card: a Markdown file that is put in as it is, such as how the base was made", HelpName = "FILE" };

    public Option<bool> Force { get; } = new("--force") { Description = "Replace a model directory that exists" };

    /// <summary>All options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [Model, Output, Variants, Graphs, Weights, Data, Dev, Run, Evaluate, MeasureLatency, License, Language, Name, Notes, Force];

    /// <summary>The names in a list with commas.</summary>
    public static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries);

    private static void CheckVariants(string text, IReadOnlyCollection<string> variants)
    {
        string[] names = Split(text);
        if (names.FirstOrDefault(name => !variants.Contains(name)) is string other)
        {
            throw new ArgumentException($"'{other}' is no variant, expected {string.Join(", ", variants)}, or several with commas.");
        }

        if (names.Distinct().Count() != names.Length)
        {
            throw new ArgumentException($"'{text}' names a variant twice, expected each once.");
        }
    }
}
