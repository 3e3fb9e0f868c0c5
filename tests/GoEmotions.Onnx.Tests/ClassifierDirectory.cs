using GoEmotions.Onnx.Models;

namespace GoEmotions.Onnx.Tests;

/// <summary><see cref="ClassifierModel"/> as a model directory.</summary>
internal static class ClassifierDirectory
{
    private static readonly string[] Files = ["config.json", "vocab.txt", "onnx/model.onnx"];

    public static TemporaryFolder Create(bool withManifest = false)
    {
        var folder = new TemporaryFolder();
        folder.Write("config.json", """{"model_type": "bert", "max_position_embeddings": 64, "id2label": {"0": "joy", "1": "fear", "2": "anger"}}""");
        folder.Write("onnx/model.onnx", ClassifierModel.Onnx);
        ClassifierModel.Tokenizer.Vocabulary.Save(folder["vocab.txt"]);
        if (withManifest)
        {
            ModelManifest.Write(folder.Root, Files);
        }

        return folder;
    }
}
