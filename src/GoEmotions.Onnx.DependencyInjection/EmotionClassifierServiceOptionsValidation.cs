using GoEmotions.Onnx.Models;
using Microsoft.Extensions.Options;

namespace GoEmotions.Onnx.DependencyInjection;

/// <summary>
/// Checks what can be checked without loading the model: the ranges of the options, and that the model directory has a
/// configuration and a graph. Of the options of one name; each registration has its own.
/// </summary>
internal sealed class EmotionClassifierServiceOptionsValidation(string optionsName) : IValidateOptions<EmotionClassifierServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, EmotionClassifierServiceOptions options)
    {
        if (name != optionsName)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> failures = [];
        if (options.Classifier is null)
        {
            failures.Add("Classifier is null, expected how the classifier runs. Leave it out for the defaults.");
        }
        else
        {
            AddFailure(failures, options.Classifier.Validate);
            AddFailure(failures, () => CheckModel(options));
        }

        string who = optionsName.Length == 0 ? "EmotionClassifier" : $"EmotionClassifier '{optionsName}'";
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures.Select(failure => $"{who}: {failure}"));
    }

    private static void CheckModel(EmotionClassifierServiceOptions options)
    {
        ModelDirectory directory = ModelDirectory.Open(options.ResolveModelDirectory());
        if (!directory.HasGraph(options.Classifier))
        {
            throw new FileNotFoundException($"{Path.Combine(directory.Path, "onnx")} has no graph of the variant {options.Classifier.Variant}. Export the model, or take another variant.");
        }
    }

    private static void AddFailure(List<string> failures, Action check)
    {
        try
        {
            check();
        }
        catch (Exception error) when (error is ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            failures.Add(error.Message.ReplaceLineEndings(" "));
        }
    }
}
