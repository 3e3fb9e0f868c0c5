using GoEmotions.Onnx.Batching;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GoEmotions.Onnx.DependencyInjection.Tests;

public sealed class EmotionClassifierConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _model = ClassifierDirectory.Create();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void AddEmotionClassifier_Configuration_SetsTheOptions()
    {
        EmotionClassifierServiceOptions options = Read(
            ("ModelDirectory", _model.Root),
            ("LoadAtStart", "false"),
            ("Classifier:executionprovider", "cpu"),
            ("Classifier:CudaDevice", "2"),
            ("Classifier:CudaMemoryLimitInBytes", "5000000000"),
            ("Classifier:Variant", "Fp32"),
            ("Classifier:MaxLength", "32"),
            ("Classifier:MaxBatchTokens", "512"),
            ("Classifier:MaxTexts", "100"),
            ("Classifier:IntraOpThreads", "1"),
            ("Classifier:AllowSpinning", "False"),
            ("Classifier:Concurrency", "3"),
            ("Classifier:WarmUp", "true"),
            ("Classifier:LongTexts", "SlidingWindowMean"),
            ("Classifier:WindowOverlap", "4"),
            ("Classifier:MaxWindows", "6"),
            ("Classifier:MicroBatching:MaxDelay", "00:00:00.002"),
            ("Classifier:MicroBatching:MaxQueueTokens", "4096"));
        Assert.Equal((_model.Root, false), (options.ModelDirectory, options.LoadAtStart));
        var expected = new EmotionClassifierOptions
        {
            CudaDevice = 2,
            CudaMemoryLimitInBytes = 5_000_000_000,
            Variant = ModelVariant.Fp32,
            MaxLength = 32,
            MaxBatchTokens = 512,
            MaxTexts = 100,
            IntraOpThreads = 1,
            AllowSpinning = false,
            Concurrency = 3,
            LongTexts = LongTextPolicy.SlidingWindowMean,
            WindowOverlap = 4,
            MaxWindows = 6,
            MicroBatching = new MicroBatcherOptions { MaxDelay = TimeSpan.FromMilliseconds(2), MaxQueueTokens = 4096 },
        };
        Assert.Equal(expected, options.Classifier);
    }

    [Fact]
    public void AddEmotionClassifier_EveryOption_HasAKey()
    {
        // What a key is refused for here is its value, and never its name.
        string[] names = [
            .. typeof(EmotionClassifierOptions).GetProperties().Select(property => property.Name).Where(name => name is not (nameof(EmotionClassifierOptions.Thresholds) or nameof(EmotionClassifierOptions.MicroBatching))),
            .. typeof(MicroBatcherOptions).GetProperties().Select(property => $"{nameof(EmotionClassifierOptions.MicroBatching)}:{property.Name}")];
        Assert.Equal(16, names.Length);
        foreach (string name in names)
        {
            Assert.StartsWith($"'Emotions:Classifier:{name}' is 'many', expected", Assert.Throws<InvalidOperationException>(() => Read(($"Classifier:{name}", "many"))).Message);
        }
    }

    [Fact]
    public void AddEmotionClassifier_EmptyValue_IsTheDefaultWhereThereIsNone()
    {
        EmotionClassifierServiceOptions options = Read(("ModelDirectory", _model.Root), ("Classifier:MaxLength", ""), ("Classifier:IntraOpThreads", null));
        Assert.Equal(new EmotionClassifierOptions(), options.Classifier);
    }

    [Theory]
    [InlineData("Classifer:MaxLength", "1", "'Emotions:Classifer' is unknown, expected one of ModelDirectory, LoadAtStart, Classifier.")]
    [InlineData("Classifier:Thresholds:joy", "0.5", "'Emotions:Classifier:Thresholds' is unknown, expected one of ExecutionProvider, ")]
    [InlineData("Classifier:MaxLength", "1.5", "'Emotions:Classifier:MaxLength' is '1.5', expected a whole number.")]
    [InlineData("Classifier:MaxWindows", "", "'Emotions:Classifier:MaxWindows' is '', expected a whole number.")]
    [InlineData("Classifier:MaxWindows:x", "5", "'Emotions:Classifier:MaxWindows' is no single value, expected a whole number.")]
    [InlineData("Classifier:Variant", "7", "'Emotions:Classifier:Variant' is '7', expected one of Auto, Fp32, Int8, Fp16.")]
    [InlineData("Classifier:WarmUp", "yes", "'Emotions:Classifier:WarmUp' is 'yes', expected true or false.")]
    [InlineData("Classifier:MicroBatching:MaxDelay", "1 ms", "'Emotions:Classifier:MicroBatching:MaxDelay' is '1 ms', expected a duration such as 00:00:00.001.")]
    public void AddEmotionClassifier_WrongConfiguration_NamesKeyAndValue(string key, string value, string message) =>
        Assert.StartsWith(message, Assert.Throws<InvalidOperationException>(() => Read((key, value))).Message);

    [Fact]
    public void AddKeyedEmotionClassifier_Configuration_IsThatOfTheKey()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddKeyedEmotionClassifier("a", Section(("ModelDirectory", _model.Root), ("Classifier:MaxLength", "10")))
            .AddEmotionClassifier(Section(("ModelDirectory", _model.Root), ("Classifier:MaxLength", "20")))
            .BuildServiceProvider();
        Assert.Equal(10, services.GetRequiredKeyedService<EmotionClassifier>("a").MaxLength);
        Assert.Equal(20, services.GetRequiredService<EmotionClassifier>().MaxLength);
    }

    private static IConfigurationSection Section(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create($"Emotions:{value.Key}", value.Value))).Build().GetSection("Emotions");

    private static EmotionClassifierServiceOptions Read(params (string Key, string? Value)[] values)
    {
        using ServiceProvider services = new ServiceCollection().AddEmotionClassifier(Section(values)).BuildServiceProvider();
        return services.GetRequiredService<IOptions<EmotionClassifierServiceOptions>>().Value;
    }
}
