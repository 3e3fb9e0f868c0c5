using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Parity.Tests.Tokenization;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Parity.Tests.Export;

/// <summary>The tokenizer.json of an exported directory in Hugging Face's library.</summary>
public sealed class TokenizersParityTests(ExportedModels models, ReferenceTokenizer reference) : IClassFixture<ExportedModels>, IClassFixture<ReferenceTokenizer>
{
    [Fact]
    public void TokenizerJson_OfAnExport_GivesOurIds()
    {
        NodeProgram.Tokenizers.Require();
        string directory = models.Get("default");
        WordPieceTokenizer tokenizer = ModelDirectory.Open(directory).LoadTokenizer();
        var comparison = new Comparison(reference, tokenizer, reference.Load(Path.Combine(directory, "tokenizer.json")));
        comparison.Compare(ExportedModels.Texts);
        comparison.AssertEqual("the tokenizer.json of an export");
    }
}
