using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GoEmotions.Onnx.DependencyInjection;

/// <summary>Finds and makes the classifiers of a service provider; without a key the one that has none.</summary>
internal static class EmotionClassifierServices
{
    /// <summary>The name of the options of a registration.</summary>
    public static string OptionsName(string? serviceKey) => serviceKey ?? Options.DefaultName;

    /// <summary>The options of a registration, validated.</summary>
    public static EmotionClassifierServiceOptions OptionsOf(IServiceProvider services, string? serviceKey) =>
        services.GetRequiredService<IOptionsMonitor<EmotionClassifierServiceOptions>>().Get(OptionsName(serviceKey));

    /// <summary>The classifier of a registration; it is loaded where it was not yet.</summary>
    public static EmotionClassifier Resolve(IServiceProvider services, string? serviceKey) => serviceKey is null
        ? services.GetRequiredService<EmotionClassifier>()
        : services.GetRequiredKeyedService<EmotionClassifier>(serviceKey);

    /// <summary>Loads the classifier of a registration; the provider disposes of it.</summary>
    public static EmotionClassifier Load(IServiceProvider services, string? serviceKey)
    {
        EmotionClassifierServiceOptions options = OptionsOf(services, serviceKey);
        return EmotionClassifier.Load(options.ResolveModelDirectory(), options.Classifier);
    }
}
