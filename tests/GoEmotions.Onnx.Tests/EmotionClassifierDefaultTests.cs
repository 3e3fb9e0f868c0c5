using GoEmotions.Onnx.Models;

namespace GoEmotions.Onnx.Tests;

public sealed class EmotionClassifierDefaultTests
{
    [Fact]
    public void LoadDefault_WithoutThePackage_NamesIt()
    {
        var error = Assert.Throws<DirectoryNotFoundException>(() => EmotionClassifier.LoadDefault());
        Assert.Contains("GoEmotions.Onnx.DefaultModel", error.Message);
        Assert.Contains(AppContext.BaseDirectory, error.Message);
    }

    [Fact]
    public void FindDefault_ModelBesideTheProgram_GivesADirectoryThatLoads()
    {
        using TemporaryFolder model = ClassifierDirectory.Create();
        using var program = new TemporaryFolder();
        Directory.Move(model.Root, program["goemotions-default-model"]);
        Directory.CreateDirectory(model.Root);
        using EmotionClassifier classifier = EmotionClassifier.Load(ModelDirectory.FindDefault(program.Root));
        Assert.Equal(["joy", "fear", "anger"], classifier.Labels);
    }

    [Theory]
    [InlineData("model.onnx", ModelVariant.Auto, true)]
    [InlineData("serving_int8.onnx", ModelVariant.Auto, true)]
    [InlineData("serving_int8.onnx", ModelVariant.Fp32, false)]
    [InlineData("model_quantized.onnx", ModelVariant.Auto, false)]
    [InlineData("model_quantized.onnx", ModelVariant.Int8, true)]
    public void HasGraph_OneFile_SaysWhetherTheVariantRunsIt(string file, ModelVariant variant, bool expected)
    {
        using TemporaryFolder folder = ClassifierDirectory.Create();
        File.Move(folder["onnx/model.onnx"], folder[$"onnx/{file}"]);
        Assert.Equal(expected, ModelDirectory.Open(folder.Root).HasGraph(new EmotionClassifierOptions { Variant = variant }));
    }
}
