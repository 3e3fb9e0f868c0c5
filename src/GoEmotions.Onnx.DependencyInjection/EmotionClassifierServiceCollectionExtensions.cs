using GoEmotions.Onnx;
using GoEmotions.Onnx.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

// Where programs that register services find it without a further using.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="EmotionClassifier"/>: one for the whole program, thread-safe, disposed of with the service provider.</summary>
/// <remarks>
/// Options are validated when the host starts, and the model is loaded then (<see cref="EmotionClassifierServiceOptions.LoadAtStart"/>).
/// Registering the same key again adds to its options.
/// </remarks>
public static class EmotionClassifierServiceCollectionExtensions
{
    /// <summary>Registers the default model, which the package GoEmotions.Onnx.DefaultModel puts beside the program.</summary>
    /// <param name="services">The services.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IServiceCollection AddEmotionClassifier(this IServiceCollection services) => Add(services, serviceKey: null, configure: null);

    /// <summary>Registers a classifier.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets model and options.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddEmotionClassifier(this IServiceCollection services, Action<EmotionClassifierServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, serviceKey: null, configure);
    }

    /// <summary>Registers a classifier by configuration. It needs no reflection, and refuses keys that it does not know.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">
    /// A section with the members of <see cref="EmotionClassifierServiceOptions"/>: <c>ModelDirectory</c>, <c>LoadAtStart</c>, and under
    /// <c>Classifier</c> those of <see cref="EmotionClassifierOptions"/> except its thresholds, which are the model directory's.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddEmotionClassifier(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, serviceKey: null, options => EmotionClassifierConfiguration.Apply(configuration, options));
    }

    /// <summary>Registers a classifier under a key, beside others; <c>[FromKeyedServices(key)]</c> takes it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key, which is the name of its options too.</param>
    /// <param name="configure">Sets model and options.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException">Another argument is null.</exception>
    public static IServiceCollection AddKeyedEmotionClassifier(this IServiceCollection services, string serviceKey, Action<EmotionClassifierServiceOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, serviceKey, configure);
    }

    /// <summary>Registers a classifier under a key by configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key, which is the name of its options too.</param>
    /// <param name="configuration">As for <see cref="AddEmotionClassifier(IServiceCollection, IConfiguration)"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException">Another argument is null.</exception>
    public static IServiceCollection AddKeyedEmotionClassifier(this IServiceCollection services, string serviceKey, IConfiguration configuration)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(services, serviceKey, options => EmotionClassifierConfiguration.Apply(configuration, options));
    }

    private static IServiceCollection Add(IServiceCollection services, string? serviceKey, Action<EmotionClassifierServiceOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        string name = EmotionClassifierServices.OptionsName(serviceKey);
        OptionsBuilder<EmotionClassifierServiceOptions> options = services.AddOptions<EmotionClassifierServiceOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (services.Any(service => service.ServiceType == typeof(EmotionClassifier) && Equals(service.ServiceKey, serviceKey)))
        {
            return services;
        }

        services.AddSingleton<IValidateOptions<EmotionClassifierServiceOptions>>(new EmotionClassifierServiceOptionsValidation(name));
        services.AddSingleton<IHostedService>(provider => new EmotionClassifierLoader(provider, serviceKey));
        return serviceKey is null
            ? services.AddSingleton(provider => EmotionClassifierServices.Load(provider, serviceKey))
            : services.AddKeyedSingleton(serviceKey, (provider, _) => EmotionClassifierServices.Load(provider, serviceKey));
    }
}
