namespace GoEmotions.Onnx.Parity.Tests.Tokenization;

public sealed class CharacterTableParityTests
{
    [Fact]
    public void CharacterTable_DerivedAnewFromTheReference_IsTheCommittedOne()
    {
        NodeProgram.Tokenizers.Require();
        using var folder = new TemporaryFolder();
        string derived = folder["characters.bin"];
        NodeProgram.Tokenizers.Run("characters.mjs", derived);
        string committed = Path.Combine(TestFiles.RepositoryRoot, "src", "GoEmotions.Onnx", "Tokenization", "characters.bin");
        Assert.Equal(File.ReadAllBytes(committed), File.ReadAllBytes(derived));
    }
}
