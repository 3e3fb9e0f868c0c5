using Microsoft.Extensions.Hosting;

namespace GoEmotions.Onnx.DependencyInjection;

/// <summary>Loads the model of a registration when the host starts, where <see cref="EmotionClassifierServiceOptions.LoadAtStart"/> says so.</summary>
internal sealed class EmotionClassifierLoader(IServiceProvider services, string? serviceKey) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (EmotionClassifierServices.OptionsOf(services, serviceKey).LoadAtStart)
        {
            EmotionClassifierServices.Resolve(services, serviceKey);
        }

        return Task.CompletedTask;
    }

    // The provider disposes of the classifier, when nobody uses it any more.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
