using System.Globalization;
using GoEmotions.Onnx.Batching;
using Microsoft.Extensions.Configuration;

namespace GoEmotions.Onnx.DependencyInjection;

/// <summary>
/// Reads the options of a classifier from configuration. By tables instead of Microsoft.Extensions.Configuration.Binder, which needs
/// reflection, does not set the members of immutable records, and passes over keys that it does not know.
/// </summary>
internal static class EmotionClassifierConfiguration
{
    private static readonly Dictionary<string, Func<MicroBatcherOptions, IConfigurationSection, MicroBatcherOptions>> MicroBatchingKeys = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(MicroBatcherOptions.MaxDelay)] = (options, value) => options with { MaxDelay = Duration(value) },
        [nameof(MicroBatcherOptions.MaxQueueTokens)] = (options, value) => options with { MaxQueueTokens = OptionalNumber<int>(value) },
    };

    private static readonly Dictionary<string, Func<EmotionClassifierOptions, IConfigurationSection, EmotionClassifierOptions>> ClassifierKeys = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(EmotionClassifierOptions.ExecutionProvider)] = (options, value) => options with { ExecutionProvider = Name<ExecutionProvider>(value) },
        [nameof(EmotionClassifierOptions.CudaDevice)] = (options, value) => options with { CudaDevice = Number<int>(value) },
        [nameof(EmotionClassifierOptions.CudaMemoryLimitInBytes)] = (options, value) => options with { CudaMemoryLimitInBytes = OptionalNumber<long>(value) },
        [nameof(EmotionClassifierOptions.Variant)] = (options, value) => options with { Variant = Name<ModelVariant>(value) },
        [nameof(EmotionClassifierOptions.MaxLength)] = (options, value) => options with { MaxLength = OptionalNumber<int>(value) },
        [nameof(EmotionClassifierOptions.MaxBatchTokens)] = (options, value) => options with { MaxBatchTokens = OptionalNumber<int>(value) },
        [nameof(EmotionClassifierOptions.MaxTexts)] = (options, value) => options with { MaxTexts = OptionalNumber<int>(value) },
        [nameof(EmotionClassifierOptions.IntraOpThreads)] = (options, value) => options with { IntraOpThreads = OptionalNumber<int>(value) },
        [nameof(EmotionClassifierOptions.AllowSpinning)] = (options, value) => options with { AllowSpinning = Truth(value) },
        [nameof(EmotionClassifierOptions.Concurrency)] = (options, value) => options with { Concurrency = OptionalNumber<int>(value) },
        [nameof(EmotionClassifierOptions.WarmUp)] = (options, value) => options with { WarmUp = Truth(value) },
        [nameof(EmotionClassifierOptions.LongTexts)] = (options, value) => options with { LongTexts = Name<LongTextPolicy>(value) },
        [nameof(EmotionClassifierOptions.WindowOverlap)] = (options, value) => options with { WindowOverlap = OptionalNumber<int>(value) },
        [nameof(EmotionClassifierOptions.MaxWindows)] = (options, value) => options with { MaxWindows = Number<int>(value) },
        [nameof(EmotionClassifierOptions.MicroBatching)] = (options, section) => options with { MicroBatching = Read(options.MicroBatching, section, MicroBatchingKeys) },
    };

    // The setters change the options in place and return them.
    private static readonly Dictionary<string, Func<EmotionClassifierServiceOptions, IConfigurationSection, EmotionClassifierServiceOptions>> ServiceKeys = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(EmotionClassifierServiceOptions.ModelDirectory)] = (options, value) => Set(options, () => options.ModelDirectory = Text(value)),
        [nameof(EmotionClassifierServiceOptions.LoadAtStart)] = (options, value) => Set(options, () => options.LoadAtStart = Truth(value)),
        [nameof(EmotionClassifierServiceOptions.Classifier)] = (options, section) => Set(options, () => options.Classifier = Read(options.Classifier, section, ClassifierKeys)),
    };

    /// <summary>Sets what the configuration has.</summary>
    /// <exception cref="InvalidOperationException">A key is unknown, or its value is of another kind.</exception>
    public static void Apply(IConfiguration configuration, EmotionClassifierServiceOptions options) => Read(options, configuration, ServiceKeys);

    private static T Read<T>(T options, IConfiguration configuration, Dictionary<string, Func<T, IConfigurationSection, T>> keys)
    {
        foreach (IConfigurationSection section in configuration.GetChildren())
        {
            if (!keys.TryGetValue(section.Key, out Func<T, IConfigurationSection, T>? set))
            {
                throw new InvalidOperationException($"'{section.Path}' is unknown, expected one of {string.Join(", ", keys.Keys)}.");
            }

            options = set(options, section);
        }

        return options;
    }

    private static EmotionClassifierServiceOptions Set(EmotionClassifierServiceOptions options, Action set)
    {
        set();
        return options;
    }

    // JSON's null, or an environment variable without a value.
    private static string? Text(IConfigurationSection value) => string.IsNullOrEmpty(value.Value) ? null : value.Value;

    private static T? OptionalNumber<T>(IConfigurationSection value)
        where T : struct, ISpanParsable<T> => Text(value) is null ? null : Number<T>(value);

    private static T Number<T>(IConfigurationSection value)
        where T : struct, ISpanParsable<T> => T.TryParse(value.Value, CultureInfo.InvariantCulture, out T number) ? number : Refuse<T>(value, "a whole number");

    private static bool Truth(IConfigurationSection value) => bool.TryParse(value.Value, out bool truth) ? truth : Refuse<bool>(value, "true or false");

    private static TimeSpan Duration(IConfigurationSection value) =>
        TimeSpan.TryParse(value.Value, CultureInfo.InvariantCulture, out TimeSpan duration) ? duration : Refuse<TimeSpan>(value, "a duration such as 00:00:00.001");

    private static T Name<T>(IConfigurationSection value)
        where T : struct, Enum =>
        Enum.TryParse(value.Value, ignoreCase: true, out T named) && Enum.IsDefined(named) ? named : Refuse<T>(value, $"one of {string.Join(", ", Enum.GetNames<T>())}");

    private static T Refuse<T>(IConfigurationSection value, string expected) =>
        throw new InvalidOperationException($"'{value.Path}' is {(value.Value is null ? "no single value" : $"'{value.Value}'")}, expected {expected}.");
}
