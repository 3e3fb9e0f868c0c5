using System.Globalization;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Models;
using GoEmotions.Onnx.Training.Evaluation;
using GoEmotions.Onnx.Training.Export;
using GoEmotions.Onnx.Training.Tests.Quantization;

namespace GoEmotions.Onnx.Training.Tests.Export;

/// <summary>The card tells what the run recorded and what the export measured, and nothing else.</summary>
public sealed class ModelCardTests : IClassFixture<TrainedModel>, IDisposable
{
    private readonly TrainedModel _model;
    private readonly TemporaryFolder _folder = new();

    public ModelCardTests(TrainedModel model)
    {
        _model = model;
        Directory.CreateDirectory(_folder["model"]);
        model.Save(_folder["model"]);
        LabelThresholds.Create(TrainedModel.Labels, [0.4f, 0.5f, 0.6f], new ThresholdTuning { Split = "held-out training texts", Rows = 40, Method = "best F1 per label" })
            .Save(ModelDirectory.ThresholdsFileOf(_folder["model"]));
        _folder.Write("run/run.json", """
            {
              "arguments": ["--data", "/somewhere/private/goemotions", "--base", "/somewhere/private/base", "--epochs", "7"],
              "settings": { "preset": "default", "data": "/somewhere/private/goemotions", "base": "../private/base", "learning rate": "0.0005", "label|s": "3" },
              "environment": { "threads": "2", "ONNX Runtime": "1.31.1", "system": "SomeOS 1.2.3", "started": "2026-11-25 10:00:00Z" }
            }
            """);
        _folder.Write("run/metrics.jsonl", """
            {"kind":"dev","step":10,"epoch":1,"loss":0.5,"micro_f1":0.25,"macro_f1":0.125,"best":true}
            {"kind":"train","step":15,"epoch":2,"loss":0.4,"learning_rate":0.001,"gradient_norm":1}
            {"kind":"dev","step":1020,"epoch":2,"loss":0.4375,"micro_f1":0.5625,"macro_f1":0.4876,"best":true}
            {"kind":"dev","step":1030,"epoch":3,"loss":0.5,"micro_f1":0.5,"macro_f1":0.4,"best":false}

            """);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Card_RunAndEvaluations_TellsEachOfThem()
    {
        string card = Export(new ModelCardOptions
        {
            Name = "words-of-things",
            License = "mit",
            Run = RunRecord.Load(_folder["run"]),
            Evaluations = [new EvaluationSplit("dev", _model.Development), new EvaluationSplit("test", _model.Dataset)],
            Notes = "The base was made of nothing.",
        });
        string[] lines = card.Split('\n');
        Assert.Equal("---", lines[0]);
        Assert.Contains("license: \"mit\"", lines);
        Assert.Contains("- name: \"words-of-things\"", lines);
        Assert.Contains("      split: \"test\"", lines);
        Assert.Contains("# words-of-things", lines);
        Assert.Contains("goemotions train --data goemotions --base base --epochs 7", lines);
        Assert.Contains("| learning rate | 0.0005 |", lines);
        Assert.Contains("| label\\|s | 3 |", lines);
        Assert.Contains("| started | 2026-11-25 10:00:00Z |", lines);
        Assert.Contains("The parameters are those of step 1,020 (epoch 2), chosen on the development split of the training, where at a threshold of 0.5: loss 0.4375, micro f1 0.5625, macro f1 0.4876.", lines);
        Assert.Contains("Tuned on 40 texts (held-out training texts): best F1 per label. They are in `thresholds.json`.", lines);
        Assert.Contains("The base was made of nothing.", lines);
        Assert.Contains("mit (SPDX identifier), as stated at export.", lines);
        Assert.DoesNotContain("private", card);
        Assert.DoesNotContain("SomeOS", card);
        Assert.DoesNotContain('\r', card);

        // What an evaluation of the written graphs finds again.
        Assert.Equal(2 * 2, lines.Count(line => line.StartsWith("| dev |", StringComparison.Ordinal) || line.StartsWith("| test |", StringComparison.Ordinal)));
        foreach ((ModelVariant variant, string name) in new[] { (ModelVariant.Fp32, "fp32"), (ModelVariant.Int8, "int8") })
        {
            EvaluationResult found = Evaluate(variant);
            string line = lines.Single(line => line.StartsWith($"| dev | 300 | {name} |", StringComparison.Ordinal));
            Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"| dev | 300 | {name} | {found.Macro.F1:0.0000} ({found.Intervals!.MacroF1.Lower:0.000} to {found.Intervals.MacroF1.Upper:0.000}) | {found.Micro.F1:0.0000} ("), line);
        }

        // Per label: those of the graph that the engine takes.
        EvaluationResult int8 = Evaluate(ModelVariant.Int8);
        LabelMetrics food = int8.PerLabel[1];
        Assert.Contains(lines, line => line.StartsWith(string.Create(CultureInfo.InvariantCulture, $"| food | {food.Counts.Support} | 0.5000 | {food.Counts.Precision:0.0000} | {food.Counts.Recall:0.0000} | {food.Counts.F1:0.0000} ("), StringComparison.Ordinal));
        Assert.Equal(2, lines.Count(line => line.StartsWith("| food |", StringComparison.Ordinal)));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"      value: {int8.Macro.F1:0.0000}"), lines);
    }

    [Fact]
    public void Card_EveryFile_StandsWithItsSize()
    {
        string card = Export(new ModelCardOptions());
        foreach (string file in Directory.GetFiles(_folder["exported"], "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is not ("README.md" or "manifest.json")))
        {
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| `{Path.GetRelativePath(_folder["exported"], file).Replace('\\', '/')}` | {new FileInfo(file).Length:N0} |"), card);
        }

        Assert.DoesNotContain("## Metrics", card);
        Assert.DoesNotContain("## Speed", card);
        Assert.Contains("No record of the training was given at export.", card);
        Assert.Contains("None was stated at export; ask whoever trained the model.", card);
        Assert.Contains("| place | 0.6000 |", card);
        Assert.Contains("# bert-2x128-emotions\n", card);
        Assert.Contains("dtype: 'q8'", card);
    }

    [Fact]
    public void Card_LatencyAskedFor_NamesMachineAndVersions()
    {
        string card = Export(new ModelCardOptions { MeasuresLatency = true, Evaluations = [new EvaluationSplit("dev", _model.Development)] });
        Assert.Contains("## Speed", card);
        Assert.Contains($".NET {Environment.Version}", card);
        Assert.Contains("ONNX Runtime ", card);
        Assert.Equal(2, card.Split('\n').Count(line => line.StartsWith("| int8 |", StringComparison.Ordinal) || line.StartsWith("| fp32 |", StringComparison.Ordinal)));
    }

    [Fact]
    public void RunRecord_DamagedOrMissing_IsNamed()
    {
        Assert.Contains("run.json does not exist, expected the record of a training.", Assert.Throws<FileNotFoundException>(() => RunRecord.Load(_folder["model"])).Message);
        string file = _folder.Write("run/run.json", """{"arguments": []}""");
        Assert.StartsWith(file + ": ", Assert.Throws<InvalidDataException>(() => RunRecord.Load(_folder["run"])).Message);
        _folder.Write("run/run.json", "{");
        Assert.StartsWith(file + ": ", Assert.Throws<InvalidDataException>(() => RunRecord.Load(_folder["run"])).Message);
    }

    private string Export(ModelCardOptions card)
    {
        ModelExporter.Export(_folder["model"], _folder["exported"], new ModelExportOptions
        {
            Graphs = new ServingExportOptions { Variants = [ServingPrecision.Float32, ServingPrecision.Int8], Graphs = ExportedGraphs.All, CalibrationTexts = _model.Texts, GateDataset = _model.Development },
            Card = card,
        });
        return File.ReadAllText(Path.Combine(_folder["exported"], "README.md"));
    }

    private EvaluationResult Evaluate(ModelVariant variant)
    {
        using EmotionClassifier classifier = EmotionClassifier.Load(_folder["exported"], new EmotionClassifierOptions { Variant = variant });
        float[] probabilities = new float[_model.Development.Count * TrainedModel.Labels.Count];
        classifier.Score([.. _model.Development.Select(example => example.Text)], probabilities);
        return Evaluator.Evaluate(new EvaluationInput { Labels = TrainedModel.Labels, Scores = probabilities, Truth = _model.Development.ToTruthMatrix(), Thresholds = classifier.Thresholds });
    }
}
