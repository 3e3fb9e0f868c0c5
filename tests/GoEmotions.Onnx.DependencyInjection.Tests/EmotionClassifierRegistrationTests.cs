using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GoEmotions.Onnx.DependencyInjection.Tests;

public sealed class EmotionClassifierRegistrationTests : IDisposable
{
    private readonly TemporaryFolder _model = ClassifierDirectory.Create();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void AddEmotionClassifier_ModelDirectory_GivesOneClassifierThatTheProviderDisposesOf()
    {
        EmotionClassifier classifier;
        using (ServiceProvider services = new ServiceCollection().AddEmotionClassifier(options => options.ModelDirectory = _model.Root).BuildServiceProvider(validateScopes: true))
        {
            classifier = services.GetRequiredService<EmotionClassifier>();
            using IServiceScope scope = services.CreateScope();
            Assert.Same(classifier, scope.ServiceProvider.GetRequiredService<EmotionClassifier>());
            classifier.Score("text", new float[3]);
        }

        Assert.Throws<ObjectDisposedException>(() => classifier.Score("text", new float[3]));
    }

    [Fact]
    public void AddKeyedEmotionClassifier_TwoKeys_GivesEachItsOptions()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddKeyedEmotionClassifier("short", options => Configure(options, maxLength: 10))
            .AddKeyedEmotionClassifier("long", options => Configure(options, maxLength: 20))
            .BuildServiceProvider();
        Assert.Equal(10, services.GetRequiredKeyedService<EmotionClassifier>("short").MaxLength);
        Assert.Equal(20, services.GetRequiredKeyedService<EmotionClassifier>("long").MaxLength);
        Assert.Null(services.GetService<EmotionClassifier>());
    }

    [Fact]
    public void AddEmotionClassifier_Twice_AddsToTheOptions()
    {
        IServiceCollection collection = new ServiceCollection()
            .AddEmotionClassifier(options => Configure(options, maxLength: 10))
            .AddEmotionClassifier(options => options.Classifier = options.Classifier with { MaxBatchTokens = 64 });
        using ServiceProvider services = collection.BuildServiceProvider();
        Assert.Equal(10, Assert.Single(services.GetServices<EmotionClassifier>()).MaxLength);
        Assert.Single(services.GetServices<IHostedService>());
        Assert.Equal(64, services.GetRequiredService<IOptions<EmotionClassifierServiceOptions>>().Value.Classifier.MaxBatchTokens);
    }

    [Fact]
    public async Task AddEmotionClassifier_Host_LoadsTheModelAtItsStart()
    {
        using IHost host = Host(services => services.AddEmotionClassifier(options => options.ModelDirectory = _model.Root));
        await host.StartAsync(TestContext.Current.CancellationToken);

        // It is there already: the directory is not looked at again.
        File.Delete(_model["config.json"]);
        Assert.Equal(_model["onnx/model.onnx"], host.Services.GetRequiredService<EmotionClassifier>().ModelFile);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AddEmotionClassifier_DamagedModel_KeepsTheHostFromStarting()
    {
        _model.Write("onnx/model.onnx", "no model");
        using IHost host = Host(services => services.AddEmotionClassifier(options => options.ModelDirectory = _model.Root));
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(_model["onnx/model.onnx"], error.Message);
    }

    [Fact]
    public async Task AddEmotionClassifier_NotAtStart_LoadsTheModelWhenItIsAskedFor()
    {
        _model.Write("onnx/model.onnx", "no model");
        using IHost host = Host(services => services.AddEmotionClassifier(options => (options.ModelDirectory, options.LoadAtStart) = (_model.Root, false)));
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.Throws<InvalidDataException>(() => host.Services.GetRequiredService<EmotionClassifier>());
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AddEmotionClassifier_WrongOptions_AreAllNamedAtTheStart()
    {
        using IHost host = Host(services => services.AddKeyedEmotionClassifier("fast", options =>
        {
            options.ModelDirectory = _model["none"];
            options.Classifier = new EmotionClassifierOptions { MaxBatchTokens = 1 };
        }));
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, error.Failures.Count());
        Assert.StartsWith("EmotionClassifier 'fast': MaxBatchTokens is 1, expected 2 to 16777216.", error.Failures.First());
        Assert.StartsWith($"EmotionClassifier 'fast': {_model["none"]} does not exist, expected a model directory.", error.Failures.Last());
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void AddEmotionClassifier_VariantThatIsNotThere_IsNamed()
    {
        using ServiceProvider services = new ServiceCollection().AddEmotionClassifier(options =>
        {
            options.ModelDirectory = _model.Root;
            options.Classifier = new EmotionClassifierOptions { Variant = ModelVariant.Fp16 };
        }).BuildServiceProvider();
        OptionsValidationException error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<EmotionClassifier>());
        Assert.Equal($"EmotionClassifier: {_model["onnx"]} has no graph of the variant Fp16. Export the model, or take another variant.", error.Message);
    }

    [Fact]
    public void AddEmotionClassifier_NoClassifierOptions_IsNamed()
    {
        using ServiceProvider services = new ServiceCollection().AddEmotionClassifier(options => options.Classifier = null!).BuildServiceProvider();
        Assert.StartsWith("EmotionClassifier: Classifier is null", Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<EmotionClassifier>()).Message);
    }

    [Fact]
    public void AddEmotionClassifier_NoDirectoryAndNoDefaultModel_NamesThePackage()
    {
        using ServiceProvider services = new ServiceCollection().AddEmotionClassifier().BuildServiceProvider();
        Assert.Contains("GoEmotions.Onnx.DefaultModel", Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<EmotionClassifier>()).Message);
    }

    [Fact]
    public void AddEmotionClassifier_NullArguments_AreRefused()
    {
        var services = new ServiceCollection();
        Assert.Throws<ArgumentNullException>(() => services.AddEmotionClassifier((Action<EmotionClassifierServiceOptions>)null!));
        Assert.Throws<ArgumentException>(() => services.AddKeyedEmotionClassifier("", _ => { }));
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddEmotionClassifier());
        Assert.Throws<ArgumentNullException>(() => ((IHealthChecksBuilder)null!).AddEmotionClassifierCheck());
    }

    private static IHost Host(Action<IServiceCollection> register)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        register(builder.Services);
        return builder.Build();
    }

    private void Configure(EmotionClassifierServiceOptions options, int maxLength)
    {
        options.ModelDirectory = _model.Root;
        options.Classifier = new EmotionClassifierOptions { MaxLength = maxLength };
    }
}
