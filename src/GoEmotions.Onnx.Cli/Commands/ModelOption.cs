using System.CommandLine;
using GoEmotions.Onnx.Models;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>--model</c> of the commands that take the default model without it.</summary>
internal static class ModelOption
{
    /// <summary>The option.</summary>
    /// <param name="accepted">What it takes, in words.</param>
    public static Option<string?> Create(string accepted) => new("--model") { Description = $"{accepted} (default: the model that comes with the tool)", HelpName = "DIR" };

    /// <summary>The path given, or the default model's directory.</summary>
    /// <exception cref="DirectoryNotFoundException">None is given and there is no default model beside the tool.</exception>
    public static string ResolveModel(this ParseResult parse, Option<string?> option) => parse.GetValue(option) ?? ModelDirectory.FindDefault();
}
