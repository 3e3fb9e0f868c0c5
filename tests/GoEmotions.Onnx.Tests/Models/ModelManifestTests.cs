using System.Security.Cryptography;
using GoEmotions.Onnx.Models;

namespace GoEmotions.Onnx.Tests.Models;

public sealed class ModelManifestTests
{
    [Fact]
    public void ModelManifest_UnchangedDirectory_Loads()
    {
        using TemporaryFolder folder = ClassifierDirectory.Create(withManifest: true);
        using EmotionClassifier classifier = EmotionClassifier.Load(folder.Root);
        Assert.Equal(folder["onnx/model.onnx"], classifier.ModelFile);
        Assert.Equal(["config.json", "onnx/model.onnx", "vocab.txt"], ModelManifest.Find(folder.Root)!.Files.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("onnx/model.onnx")]
    [InlineData("config.json")]
    [InlineData("vocab.txt")]
    public void ModelManifest_ChangedByte_IsRefusedWithBothHashes(string file)
    {
        using TemporaryFolder folder = ClassifierDirectory.Create(withManifest: true);
        byte[] bytes = File.ReadAllBytes(folder[file]);
        string expected = Convert.ToHexStringLower(SHA256.HashData(bytes));
        bytes[^2] ^= 1;
        File.WriteAllBytes(folder[file], bytes);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => EmotionClassifier.Load(folder.Root));
        Assert.StartsWith($"{folder[file]}: found {bytes.Length} bytes with SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes))}, expected {bytes.Length} bytes with SHA-256 {expected} as manifest.json says.", error.Message);
    }

    [Fact]
    public void ModelManifest_FileThatIsNotListed_IsRefused()
    {
        using TemporaryFolder folder = ClassifierDirectory.Create(withManifest: true);
        folder.Write("thresholds.json", """{"thresholds": {"joy": 0.1, "fear": 0.1, "anger": 0.1}}""");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => EmotionClassifier.Load(folder.Root));
        Assert.StartsWith($"{folder["manifest.json"]}: 'thresholds.json' is not listed", error.Message);
    }

    [Theory]
    [InlineData("[]", "'files' is missing")]
    [InlineData("{", "not valid JSON")]
    [InlineData("""{"format_version": 2, "files": {}}""", "'format_version' is 2, expected 1")]
    [InlineData("""{"files": {"a": {"size_in_bytes": 1, "sha256": "00"}}}""", "the entry of 'a' is")]
    [InlineData("""{"files": {"a": 5}}""", "the entry of 'a' is 5")]
    public void ModelManifest_Damaged_IsRefused(string json, string message)
    {
        using TemporaryFolder folder = ClassifierDirectory.Create();
        folder.Write("manifest.json", json);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => EmotionClassifier.Load(folder.Root)).Message);
    }
}
