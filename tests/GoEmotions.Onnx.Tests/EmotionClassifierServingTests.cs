using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using Google.Protobuf;

namespace GoEmotions.Onnx.Tests;

public sealed class EmotionClassifierServingTests
{
    [Theory]
    [InlineData(ServingForm.Packed)]
    [InlineData(ServingForm.Padded)]
    public void Score_ServingGraph_GivesWhatTheOrdinaryGraphGives(ServingForm form)
    {
        byte[] serving = ServingGraph.FromCheckpoint(Checkpoint.CreateRandom(ClassifierModel.Config, seed: 3), new ServingGraphOptions { Form = form }).ToModel().ToByteArray();
        var options = new EmotionClassifierOptions { MaxBatchTokens = 100 };
        using EmotionClassifier classifier = EmotionClassifier.Create(serving, ClassifierModel.Tokenizer, ClassifierModel.Labels, ClassifierModel.Config.MaxPositionEmbeddings, options);
        using EmotionClassifier ordinary = ClassifierModel.Create(options);
        string[] texts = ClassifierTexts.Random(seed: 11, count: 200, maxLength: 79);
        float[] expected = new float[texts.Length * 3];
        float[] actual = new float[texts.Length * 3];
        float[] alone = new float[3];
        ordinary.Score(texts, expected);
        classifier.Score(texts, actual);
        for (int text = 0; text < texts.Length; text++)
        {
            classifier.Score(texts[text], alone);
            for (int label = 0; label < 3; label++)
            {
                // Other operators, other orders of summation; logits of about 10.
                Assert.Equal(expected[(text * 3) + label], actual[(text * 3) + label], 1e-4f);
                Assert.Equal(actual[(text * 3) + label], alone[label], 1e-5f);
            }
        }
    }
}
