using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

/// <summary>What is written in each layout comes back as it was, whatever the texts hold.</summary>
[Properties(Arbitrary = [typeof(NastyTexts)], MaxTest = 500)]
public sealed class DatasetReaderProperties
{
    private static readonly EmotionLabels Labels = EmotionLabels.GoEmotions;

    [Property]
    public void OneHotTable_WrittenTexts_ComeBack(NastyText[] texts, int labelBits, bool semicolon, bool crLf)
    {
        string separator = semicolon ? ";" : ",";
        string lineEnding = crLf ? "\r\n" : "\n";
        var content = new StringBuilder($"text{separator}{string.Join(separator, Labels)}{lineEnding}");
        LabelSet[] expected = [.. texts.Select((_, row) => SomeLabels(labelBits + row))];
        for (int row = 0; row < texts.Length; row++)
        {
            content.Append(TableText.Quote(texts[row].Text));
            for (int label = 0; label < Labels.Count; label++)
            {
                content.Append(separator).Append(expected[row].Contains(label) ? '1' : '0');
            }

            content.Append(lineEnding);
        }

        AssertComesBack(content.ToString(), texts, expected);
    }

    [Property]
    public void GoEmotionsTsv_WrittenTexts_ComeBack(NastyText[] texts, int labelBits)
    {
        NastyText[] lines = [.. texts.Select(text => new NastyText(text.Text.Replace('\t', '"').Replace('\n', ' ').Replace('\r', ' ')))];
        LabelSet[] expected = [.. texts.Select((_, row) => SomeLabels(labelBits + row).Add(row % 28))];
        string content = string.Concat(lines.Select((text, row) => $"{text.Text}\t{string.Join(',', expected[row].ToArray())}\tid{row}\n"));
        AssertComesBack(content, lines, expected);
    }

    [Property]
    public void DatasetFolder_WrittenExamples_ComeBack(NastyText[] texts, int labelBits)
    {
        using var folder = new TemporaryFolder();
        EmotionExample[] examples =
        [
            .. texts.Select((text, row) => new EmotionExample
            {
                Text = text.Text,
                Labels = SomeLabels(labelBits + row),
                Id = row % 3 == 0 ? null : text.Text,
                IsUnclear = row % 2 == 0,
                Source = folder["set/train.jsonl"],
                LineNumber = row + 1,
            }),
            new EmotionExample { Text = "last", Labels = default, Source = folder["set/train.jsonl"], LineNumber = texts.Length + 1 },
        ];
        var dataset = EmotionDataset.Create(Labels, examples);
        var split = new DatasetSplit { Train = dataset, Dev = dataset };
        DatasetFolder.Write(folder["set"], split, DatasetFolderTests.EmptyReport);
        Assert.Equal(examples, DatasetFolder.Load(folder["set"]).Train);
    }

    private static void AssertComesBack(string content, NastyText[] texts, LabelSet[] expected)
    {
        if (texts.Length == 0)
        {
            return;
        }

        List<DatasetRow> rows = TableText.Read(content);
        Assert.Equal(texts.Length, rows.Count);
        int line = rows[0].LineNumber;
        for (int row = 0; row < texts.Length; row++)
        {
            Assert.Equal(texts[row].Text, rows[row].Example!.Text);
            Assert.Equal(expected[row], rows[row].Example!.Labels);
            Assert.Equal(line, rows[row].LineNumber);
            line += 1 + LineBreaks(texts[row].Text);
        }
    }

    private static LabelSet SomeLabels(int bits)
    {
        LabelSet labels = default;
        for (int label = 0; label < 28; label++)
        {
            labels = ((bits * 2_654_435_761L) >> label & 5) == 5 ? labels.Add(label) : labels;
        }

        return labels;
    }

    private static int LineBreaks(string text) => text.Count(character => character is '\r' or '\n') - text.Split("\r\n").Length + 1;

    /// <summary>A text that is not missing in any layout.</summary>
    public sealed record NastyText(string Text);

    /// <summary>Texts of the characters that break readers.</summary>
    public static class NastyTexts
    {
        private static readonly string[] Pieces =
        [
            "\"", "\"\"", ",", ";", "\t", "\n", "\r\n", "\r", " ", "'", "\\", "\\n", "{", "}", "\0", "\u0085", "\u2028", "\uFEFF", "\u001F",
            "é", "e\u0301", "😀", "👩‍👩‍👧", "漢", "\u202E", "0", "1", "text", "NA", "null", "sep=;", "#", "word", new string('x', 200),
        ];

        public static Arbitrary<NastyText> Text() =>
            Gen.Elements(Pieces).NonEmptyListOf()
                .Select(pieces => new NastyText("w" + string.Concat(pieces)))
                .ToArbitrary();
    }
}
