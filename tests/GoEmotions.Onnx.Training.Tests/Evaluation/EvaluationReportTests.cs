using System.Text.RegularExpressions;
using System.Xml.Linq;
using GoEmotions.Onnx.Training.Evaluation;

namespace GoEmotions.Onnx.Training.Tests.Evaluation;

public sealed partial class EvaluationReportTests
{
    private const string Hostile = "<script>alert('1')</script> & \"quotes\" \u0000 \u001b[31m";

    [Theory]
    [InlineData(60, 28)]
    [InlineData(30, 2)]
    [InlineData(40, 100)]
    [InlineData(1, 1)]
    public void EvaluationReport_AnyLabelSet_IsAWellFormedPageWithoutOutsideReferences(int rows, int labelCount)
    {
        EvaluationInput input = RandomInput(rows, labelCount);
        string html = EvaluationReport.ToHtml(input, Evaluator.Evaluate(input));
        Assert.DoesNotMatch(OutsideReference(), html);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", html, StringComparison.Ordinal);
        foreach (string svg in Drawings().Matches(html).Select(match => match.Value))
        {
            // The drawings are XML: a broken attribute or an unescaped name would not parse.
            XElement parsed = XElement.Parse(svg.Replace("xlink:", "", StringComparison.Ordinal));
            Assert.NotEmpty(parsed.Descendants("text"));
        }

        string[] ids = [.. Identifiers().Matches(html).Select(match => match.Groups[1].Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ClipReferences().Matches(html), match => Assert.Contains(match.Groups[1].Value, ids));
    }

    [Fact]
    public void EvaluationReport_SameInput_GivesTheSamePage()
    {
        EvaluationInput input = RandomInput(60, 5);
        string first = EvaluationReport.ToHtml(input, Evaluator.Evaluate(input));
        Assert.Equal(first, EvaluationReport.ToHtml(input, Evaluator.Evaluate(input)));
    }

    [Fact]
    public void EvaluationReport_HostileTextsAndNames_AreEscapedEverywhere()
    {
        EvaluationInput random = RandomInput(20, 3);
        EmotionLabels labels = EmotionLabels.Create("<b>joy", "a & \"b\"", "<img src=x onerror=alert(1)>");
        EvaluationInput input = random with
        {
            Labels = labels,
            Thresholds = LabelThresholds.Create(labels, [0.5f, 0.4f, 0.6f], new ThresholdTuning { Split = "<i>dev", Rows = 1, Method = "<u>method" }),
            Texts = [.. Enumerable.Repeat(Hostile, 20)],
            ModelName = "<s>model",
            DataName = "<s>data",
        };
        string html = EvaluationReport.ToHtml(input, Evaluator.Evaluate(input));
        Assert.DoesNotMatch("<script|<img|<b>joy|<i>dev|<u>method|<s>", html);
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u001b', html);
        Assert.Contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;quotes&quot; \uFFFD \uFFFD[31m", html, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluationReport_WorstMistakes_ComeInTheOrderOfTheirLoss()
    {
        EmotionLabels labels = EmotionLabels.Create("joy", "fear");
        var input = new EvaluationInput
        {
            Labels = labels,
            Scores = new[] { 0.9f, 0.1f, 0.4f, 0.1f, 0.01f, 0.99f },
            Truth = new[] { true, false, true, false, true, false },
            Texts = ["text that is right", "text that is nearly right", "text that is all wrong"],
            Bootstrap = null,
        };
        string html = EvaluationReport.ToHtml(input, Evaluator.Evaluate(input));
        int worst = html.IndexOf("text that is all wrong", StringComparison.Ordinal);
        int better = html.IndexOf("text that is nearly right", StringComparison.Ordinal);
        Assert.True(worst > 0 && better > worst);
        Assert.DoesNotContain("text that is right", html, StringComparison.Ordinal);
        Assert.Contains("missed: joy 1.0%", html, StringComparison.Ordinal);
        Assert.Contains("wrong: fear 99.0%", html, StringComparison.Ordinal);

        string withoutTexts = EvaluationReport.ToHtml(input, Evaluator.Evaluate(input), new EvaluationReportOptions { MistakeCount = 0 });
        Assert.DoesNotContain("text that is all wrong", withoutTexts, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluationReport_LongText_IsCutBetweenCharacters()
    {
        EvaluationInput input = RandomInput(1, 1) with
        {
            Scores = new[] { 0.1f },
            Truth = new[] { true },
            Texts = [new string('x', 999) + "\U0001F600 and more"],
        };
        string html = EvaluationReport.ToHtml(input, Evaluator.Evaluate(input));
        Assert.Contains("xxx…</span>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\uFFFD", html, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluationReport_LabelsLeftOut_AreNamed()
    {
        EvaluationInput input = RandomInput(30, 4);
        EvaluationResult result = Evaluator.Evaluate(input);
        Assert.Equal(["label 3"], result.LabelsWithoutPositives);
        Assert.Contains("1 of 4 labels (label 3): true of no row.", EvaluationReport.ToHtml(input, result), StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluationReport_Save_WritesTheWholePageAndNothingBeside()
    {
        using var folder = new TemporaryFolder();
        EvaluationInput input = RandomInput(30, 3);
        EvaluationResult result = Evaluator.Evaluate(input);
        EvaluationReport.Save(folder["report.html"], input, result);
        Assert.Equal(EvaluationReport.ToHtml(input, result), File.ReadAllText(folder["report.html"]));
        Assert.Equal([folder["report.html"]], Directory.GetFiles(folder.Root));
    }

    [Fact]
    public void EvaluationReport_ResultOfOtherInput_IsRefused()
    {
        EvaluationInput input = RandomInput(30, 3);
        EvaluationResult other = Evaluator.Evaluate(RandomInput(29, 3));
        Assert.Throws<ArgumentException>(() => EvaluationReport.ToHtml(input, other));
        Assert.Throws<ArgumentOutOfRangeException>(() => EvaluationReport.ToHtml(input, Evaluator.Evaluate(input), new EvaluationReportOptions { MistakeCount = -1 }));
    }

    /// <summary>The last label is true of no row.</summary>
    private static EvaluationInput RandomInput(int rows, int labelCount)
    {
        var random = new DeterministicRandom(9);
        float[] scores = [.. Enumerable.Range(0, rows * labelCount).Select(_ => (float)random.NextDouble())];
        return new EvaluationInput
        {
            Labels = EmotionLabels.Create(Enumerable.Range(0, labelCount).Select(label => $"label {label}")),
            Scores = scores,
            Truth = scores.Select((score, index) => index % labelCount != labelCount - 1 && random.NextDouble() < score / 2).ToArray(),
            Texts = [.. Enumerable.Range(0, rows).Select(row => $"text of row {row}")],
            Bootstrap = new BootstrapOptions { Resamples = 20 },
        };
    }

    // The name space of SVG would be the only address a page like this could hold; inline SVG does not even need that.
    [GeneratedRegex(@"https?://|src=|href=|@import|url\((?!#)", RegexOptions.IgnoreCase)]
    private static partial Regex OutsideReference();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Drawings();

    [GeneratedRegex(@"\bid=""([^""]*)""")]
    private static partial Regex Identifiers();

    [GeneratedRegex(@"url\(#([^)]*)\)")]
    private static partial Regex ClipReferences();
}
