using System.CommandLine;
using System.Globalization;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>Options whose value is checked when it is parsed, so that a wrong one is told before any work.</summary>
internal static class CheckedOption
{
    /// <summary>An option that takes a number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="expected">What the number must be, in words.</param>
    /// <param name="isExpected">Whether a number is so.</param>
    /// <param name="description">What it means.</param>
    public static Option<double?> Number(string name, string expected, Predicate<double> isExpected, string description)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = "X" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double value) && !isExpected(value))
            {
                result.AddError($"{name} is {result.Tokens[0].Value}, expected {expected}.");
            }
        });
        return option;
    }

    /// <summary>An option whose text is read by a parser of its own, which throws with a message where it cannot.</summary>
    public static Option<string?> Parsed(string name, string helpName, string description, Action<string> parse)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count != 1)
            {
                return;
            }

            try
            {
                parse(result.Tokens[0].Value);
            }
            catch (Exception error) when (error is ArgumentException or FormatException)
            {
                result.AddError($"{name}: {ErrorLine.Of(error)}");
            }
        });
        return option;
    }

    /// <summary>An option that takes one of some words.</summary>
    public static Option<string?> OneOf(string name, string description, params IReadOnlyList<string> words)
    {
        Option<string?> option = Parsed(name, string.Join('|', words), description, text =>
        {
            if (!words.Contains(text))
            {
                throw new ArgumentException($"'{text}' is none of its values, expected {string.Join(", ", words)}.");
            }
        });
        option.CompletionSources.Add([.. words]);
        return option;
    }
}
