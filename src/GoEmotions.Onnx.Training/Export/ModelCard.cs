using System.Globalization;
using System.Text;
using System.Text.Json;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Serving;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Evaluation;
using GoEmotions.Onnx.Training.Quantization;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>
/// The README.md of a model directory, with Hugging Face's YAML header. Every number is of the model, of the record of its training or
/// of what its export measured. Not thread-safe.
/// </summary>
internal sealed class ModelCard
{
    private const int RarestShown = 5;

    /// <summary>The folder of a run with the trained model.</summary>
    private const string ModelName = "model";

    // They may have been tuned anew since; thresholds.json says on what, and the card with it.
    private static readonly string[] LeftOutOfSettings = ["thresholds tuned on"];

    // The system of the training is of no use to who takes the model.
    private static readonly string[] LeftOutOfEnvironment = ["system"];

    private readonly StringBuilder _text = new();

    public required Checkpoint Checkpoint { get; init; }

    public required LabelThresholds? Thresholds { get; init; }

    public required ModelCardOptions Options { get; init; }

    public required ServingExportResult Graphs { get; init; }

    /// <summary>The files of the directory but for the card itself and the manifest, with their sizes in bytes.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> Files { get; init; }

    public required IReadOnlyList<GraphEvaluation> Evaluations { get; init; }

    public required IReadOnlyList<GraphLatency> Latencies { get; init; }

    private EncoderConfig Config => Checkpoint.Config;

    private string Name => Options.Name ?? string.Create(CultureInfo.InvariantCulture, $"{Config.ModelType}-{Config.LayerCount}x{Config.HiddenSize}-emotions");

    /// <summary>The evaluations of the graph that the engine takes by itself on a CPU.</summary>
    private IEnumerable<GraphEvaluation> MainEvaluations
    {
        get
        {
            ModelVariant[] preferred = [ModelVariant.Int8, ModelVariant.Fp32, ModelVariant.Fp16];
            ModelVariant main = preferred.FirstOrDefault(variant => Evaluations.Any(evaluation => evaluation.Variant == variant));
            return Evaluations.Where(evaluation => evaluation.Variant == main);
        }
    }

    /// <summary>The card's text, with line feeds alone.</summary>
    public string Write()
    {
        WriteHeader();
        WriteIntroduction();
        WriteLoading();
        WriteMetrics();
        WriteQuantization();
        WriteLatency();
        WriteTraining();
        WriteThresholds();
        WriteFiles();
        WriteLimits();
        return _text.ToString();
    }

    private static string NameOf(ModelVariant variant) => variant.ToString().ToLowerInvariant();

    private static string Escape(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal);

    // JSON's strings are YAML's.
    private static string Quote(string value) => JsonSerializer.Serialize(value);

    // Where the files lay on the machine of the training is nobody's business. A run's "model" is told with the run's name.
    private static string WithoutFolders(string value) => string.Join(", ", value.Split(", ").Select(part => part.TrimEnd('/', '\\').Split('/', '\\') switch
    {
        [_] => part,
        [.., string run, ModelName] => $"{run}/{ModelName}",
        [.., string last] => last,
        _ => part,
    }));

    private static string Interval(ConfidenceInterval? interval) =>
        interval is { } bounds ? string.Create(CultureInfo.InvariantCulture, $" ({bounds.Lower:0.000} to {bounds.Upper:0.000})") : "";

    private bool Has(string file) => Files.Any(written => written.Key == file);

    private bool HasPortable(ServingPrecision variant) => Has($"{ModelFiles.OnnxFolderName}/{ServingExport.PortableFileNameOf(variant)}");

    private void Line(string text = "") => _text.Append(text).Append('\n');

    private void Line(FormattableString text) => Line(text.ToString(CultureInfo.InvariantCulture));

    private void Heading(string text)
    {
        Line();
        Line($"## {text}");
        Line();
    }

    private void WriteHeader()
    {
        Line("---");
        Line($"language: {Quote(Options.Language)}");
        if (Options.License is not null)
        {
            Line($"license: {Quote(Options.License)}");
        }

        Line($"library_name: {(Has(ModelFiles.WeightsFileName) ? "transformers" : "onnx")}");
        Line("pipeline_tag: text-classification");
        Line("tags:");
        Line("- emotion");
        Line("- multi-label");
        Line("- onnx");
        if (HasPortable(ServingPrecision.Float32) || HasPortable(ServingPrecision.Int8))
        {
            Line("- transformers.js");
        }

        WriteModelIndex();
        Line("---");
    }

    private void WriteModelIndex()
    {
        if (Evaluations.Count == 0)
        {
            return;
        }

        Line("model-index:");
        Line($"- name: {Quote(Name)}");
        Line("  results:");
        foreach (GraphEvaluation evaluation in MainEvaluations)
        {
            Line("  - task:");
            Line("      type: text-classification");
            Line("      name: Multi-label emotion classification");
            Line("    dataset:");
            Line($"      type: {Quote(evaluation.Split)}");
            Line($"      name: {Quote(evaluation.Split)}");
            Line($"      split: {Quote(evaluation.Split)}");
            Line("    metrics:");
            WriteMetric("Macro F1", "f1", evaluation.Result.Macro.F1);
            WriteMetric("Micro F1", "f1", evaluation.Result.Micro.F1);
            WriteMetric("Subset accuracy", "accuracy", evaluation.Result.SubsetAccuracy);
        }
    }

    private void WriteMetric(string name, string type, double value)
    {
        Line($"    - type: {type}");
        Line($"      name: {name}");
        Line($"      value: {value:0.0000}");
    }

    private void WriteIntroduction()
    {
        Line();
        Line($"# {Name}");
        Line();
        Line($"Scores the emotions of a text: {Config.Labels.Count} labels, each with a probability of its own (sigmoid), so that several may hold at once.");
        Line();
        Line($"A {Config.ModelType} encoder of {Config.LayerCount} layers, hidden size {Config.HiddenSize}, {Config.HeadCount} attention heads and {Config.VocabularySize:N0} pieces; {Checkpoint.Parameters.Sum(parameter => (long)parameter.Values.Length):N0} parameters; texts of up to {Config.MaxPositionEmbeddings} tokens. Trained and exported by GoEmotions.Onnx.");
    }

    private void WriteLoading()
    {
        Heading("How to load it");
        if (Graphs.Files.Count > 0)
        {
            Line("C#, with the packages GoEmotions.Onnx and Microsoft.ML.OnnxRuntime:");
            Line();
            Code("csharp", "using EmotionClassifier classifier = EmotionClassifier.Load(\"path/to/this/directory\");\nEmotionPrediction prediction = classifier.Predict(\"Thank you so much!\");");
        }

        (string DType, ServingPrecision Variant)[] known = [("q8", ServingPrecision.Int8), ("fp32", ServingPrecision.Float32), ("fp16", ServingPrecision.Float16)];
        string[] types = [.. known.Where(type => HasPortable(type.Variant)).Select(type => $"'{type.DType}'")];
        if (types.Length > 0)
        {
            Line($"JavaScript, with @huggingface/transformers (dtype {string.Join(" or ", types)}):");
            Line();
            Code("javascript", $"import {{ pipeline }} from '@huggingface/transformers';\n\nconst classifier = await pipeline('text-classification', 'path/to/this/directory', {{ dtype: {types[0]} }});\nconst scores = await classifier('Thank you so much!', {{ top_k: null }});");
        }

        if (Has(ModelFiles.WeightsFileName))
        {
            Line("Python, with transformers and torch:");
            Line();
            Code("python", "from transformers import pipeline\n\nclassifier = pipeline(\"text-classification\", \"path/to/this/directory\", top_k=None)\nscores = classifier(\"Thank you so much!\")");
        }
        else if (HasPortable(ServingPrecision.Float32))
        {
            Line("Python, with onnxruntime, tokenizers and numpy:");
            Line();
            Code(
                "python",
                """
                import numpy, onnxruntime, tokenizers

                session = onnxruntime.InferenceSession("onnx/model.onnx")
                text = tokenizers.Tokenizer.from_file("tokenizer.json").encode("Thank you so much!")
                known = {"input_ids": text.ids, "attention_mask": text.attention_mask, "token_type_ids": text.type_ids}
                inputs = {given.name: numpy.array([known[given.name]], dtype=numpy.int64) for given in session.get_inputs()}
                probabilities = 1 / (1 + numpy.exp(-session.run(["logits"], inputs)[0]))
                """.ReplaceLineEndings("\n"));
        }

        Line("In JavaScript and Python a label holds where its probability reaches its threshold (`thresholds.json`); C# does that by itself.");
    }

    private void Code(string language, string lines)
    {
        Line($"```{language}");
        Line(lines);
        Line("```");
        Line();
    }

    private void WriteMetrics()
    {
        if (Evaluations.Count == 0)
        {
            return;
        }

        Heading("Metrics");
        double confidence = Evaluations[0].Result.Intervals?.Options.Confidence ?? 0;
        int resamples = Evaluations[0].Result.Intervals?.Options.Resamples ?? 0;
        Line($"Measured at export with the thresholds of this card; in brackets {confidence:0%} intervals over {resamples:N0} bootstrap resamples of the rows. Subset accuracy: the share of texts whose labels are all right. Mean average precision: the area under the curve of precision over recall, which needs no threshold, as the mean over labels. Loss: binary cross-entropy of a decision.");
        Line();
        Line("| split | rows | graph | macro F1 | micro F1 | subset accuracy | mean average precision | loss |");
        Line("|---|---:|---|---|---|---|---:|---:|");
        foreach ((string split, ModelVariant variant, EvaluationResult result) in Evaluations.OrderBy(evaluation => evaluation.Split, StringComparer.Ordinal))
        {
            string average = result.AveragePrecisionMacro is double mean ? mean.ToString("0.0000", CultureInfo.InvariantCulture) : "-";
            Line($"| {Escape(split)} | {result.Rows:N0} | {NameOf(variant)} | {result.Macro.F1:0.0000}{Interval(result.Intervals?.MacroF1)} | {result.Micro.F1:0.0000}{Interval(result.Intervals?.MicroF1)} | {result.SubsetAccuracy:0.0000}{Interval(result.Intervals?.SubsetAccuracy)} | {average} | {result.Loss:0.0000} |");
        }

        foreach (GraphEvaluation evaluation in MainEvaluations)
        {
            Line();
            Line($"Each label on {Escape(evaluation.Split)} ({NameOf(evaluation.Variant)}):");
            Line();
            Line("| label | support | threshold | precision | recall | F1 |");
            Line("|---|---:|---:|---:|---:|---|");
            foreach ((int index, LabelMetrics label) in evaluation.Result.PerLabel.Index())
            {
                PrecisionRecallF1 scores = label.Counts.Scores;
                Line($"| {Escape(label.Name)} | {label.Counts.Support:N0} | {label.Threshold:0.0000} | {scores.Precision:0.0000} | {scores.Recall:0.0000} | {scores.F1:0.0000}{Interval(evaluation.Result.Intervals?.PerLabelF1[index])} |");
            }
        }
    }

    private void WriteQuantization()
    {
        (string Name, QuantizationGateResult? Gate)[] judged =
        [
            (ServingExport.FileNameOf(ServingPrecision.Int8), Graphs.Gate),
            (ServingExport.PortableFileNameOf(ServingPrecision.Int8), Graphs.PortableGate),
        ];
        if (judged.All(graph => graph.Gate is null))
        {
            return;
        }

        Heading("int8 against float32");
        QuantizationGateResult first = judged.First(graph => graph.Gate is not null).Gate!;
        Line($"On {first.Rows:N0} labelled texts{(Options.GateTexts is null ? "" : $" ({Options.GateTexts})")}, with the thresholds of this card. A graph that loses more than {first.Gate.MaxMacroF1Loss} macro or {first.Gate.MaxMicroF1Loss} micro F1 is not written. Ranges of activations are fixed in the file, so that a text's scores do not depend on its neighbours.");
        Line();
        Line("| graph | macro F1 | micro F1 | mean / largest difference of logits | |");
        Line("|---|---:|---:|---:|---|");
        Line($"| float32 | {first.ReferenceMacroF1:0.0000} | {first.ReferenceMicroF1:0.0000} | | |");
        foreach ((string name, QuantizationGateResult? gate) in judged)
        {
            if (gate is not null)
            {
                Line($"| `{name}` | {gate.MacroF1:0.0000} | {gate.MicroF1:0.0000} | {gate.MeanLogitError:0.0000} / {gate.LargestLogitError:0.0000} | {(gate.Passed ? "written" : "not written")} |");
            }
        }
    }

    private void WriteLatency()
    {
        if (Latencies.Count == 0)
        {
            return;
        }

        Heading("Speed");
        Line($"Of the C# engine on {GraphLatency.Processor}, {Environment.ProcessorCount} processors, .NET {Environment.Version}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}; {Latencies[0].Texts:N0} texts of {Latencies[0].Tokens:0.0} tokens on average.");
        Line();
        Line("| graph | one text, median ms | 95th percentile ms | many texts, texts/s |");
        Line("|---|---:|---:|---:|");
        foreach (GraphLatency latency in Latencies)
        {
            Line($"| {NameOf(latency.Variant)} | {latency.MedianMilliseconds:0.000} | {latency.P95Milliseconds:0.000} | {latency.TextsPerSecond:N0} |");
        }
    }

    private void WriteTraining()
    {
        Heading("Training");
        if (Options.Run is { } run)
        {
            Line("The command, without the folders of its files:");
            Line();
            Code("", $"goemotions train {string.Join(' ', run.Arguments.Select(argument => Path.IsPathRooted(argument) ? WithoutFolders(argument) : argument))}");
            Line("What it came to, as the run recorded it:");
            Line();
            Line("| setting | value |");
            Line("|---|---|");
            foreach ((string name, string value) in run.Settings.Where(setting => !LeftOutOfSettings.Contains(setting.Key)))
            {
                Line($"| {Escape(name)} | {Escape(WithoutFolders(value))} |");
            }

            foreach ((string name, string value) in run.Environment.Where(entry => !LeftOutOfEnvironment.Contains(entry.Key)))
            {
                Line($"| {Escape(name)} | {Escape(value)} |");
            }

            WriteBest(run);
        }
        else
        {
            Line("No record of the training was given at export.");
        }

        if (Options.Notes is not null)
        {
            Line();
            Line(Options.Notes.ReplaceLineEndings("\n").Trim('\n'));
        }
    }

    private void WriteBest(RunRecord run)
    {
        if (run.Best.Count == 0)
        {
            return;
        }

        Dictionary<string, double> best = new(run.Best);
        string[] shown = ["loss", "micro_f1", "macro_f1", "subset_accuracy", "average_precision_macro"];
        Line();
        Line($"The parameters are those of step {best["step"]:N0} (epoch {best["epoch"]:0}), chosen on the development split of the training, where at a threshold of 0.5: {string.Join(", ", shown.Where(best.ContainsKey).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name.Replace('_', ' ')} {best[name]:0.0000}")))}.");
    }

    private void WriteThresholds()
    {
        Heading("Thresholds");
        Line(Thresholds switch
        {
            null => "The model has none of its own: a label holds from a probability of 0.5 on.",
            { Tuning: ThresholdTuning tuning } => string.Create(CultureInfo.InvariantCulture, $"Tuned on {tuning.Rows:N0} texts ({tuning.Split}): {tuning.Method}. They are in `thresholds.json`."),
            _ => "In `thresholds.json`; what they were tuned on is not recorded.",
        });
        if (Evaluations.Count > 0)
        {
            return;
        }

        Line();
        Line("| label | threshold |");
        Line("|---|---:|");
        for (int label = 0; label < Config.Labels.Count; label++)
        {
            Line($"| {Escape(Config.Labels[label])} | {Thresholds?[label] ?? 0.5f:0.0000} |");
        }
    }

    private void WriteFiles()
    {
        Heading("Files");
        Line("| file | bytes |");
        Line("|---|---:|");
        foreach ((string name, long size) in Files)
        {
            Line($"| `{name}` | {size:N0} |");
        }

        Line();
        Line("`manifest.json` has the SHA-256 of each. `onnx/model*.onnx` are made of standard operators; `onnx/serving*.onnx` are for GoEmotions.Onnx.");
    }

    private void WriteLimits()
    {
        Heading("Limits and biases");
        Line("- A classifier knows the texts that it learnt from; on texts of another kind the metrics above do not hold. GoEmotions, where that is the data, are short English comments from Reddit, whose writers are mostly young and male.");
        Line("- Its labels are noisy: a few raters read each comment without its context and often disagreed; irony, slang and the idioms of groups carry the raters' own views.");
        if (MainEvaluations.FirstOrDefault() is { } evaluation)
        {
            IEnumerable<string> rarest = evaluation.Result.PerLabel.OrderBy(label => label.Counts.Support).Take(RarestShown)
                .Select(label => string.Create(CultureInfo.InvariantCulture, $"{label.Name} ({label.Counts.Support:N0})"));
            Line($"- Rare labels have few examples to learn and to measure by; on {Escape(evaluation.Split)} the rarest are {string.Join(", ", rarest)}.");
        }

        Line("- A probability is the model's belief about how raters would label a text, not about what its writer feels. Do not decide about people by it.");
        Heading("Licence");
        Line(Options.License is null ? "None was stated at export; ask whoever trained the model." : $"{Options.License} (SPDX identifier), as stated at export.");
    }
}
