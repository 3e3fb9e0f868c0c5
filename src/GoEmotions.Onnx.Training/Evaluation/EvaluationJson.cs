using System.Text.Encodings.Web;
using System.Text.Json;

namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>The JSON form of <see cref="EvaluationResult"/>. A metric without a value is null.</summary>
internal static class EvaluationJson
{
    private const int MostConfusions = 20;

    // Enough to compare runs by, and few enough to hide the last bits in which mathematics libraries of different machines differ.
    private const int Decimals = 10;

    public static void Write(EvaluationResult result, Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteNumber("rows", result.Rows);
        writer.WriteNumber("labels", result.Labels.Count);
        WriteHeadline(writer, result);
        WriteIntervals(writer, result.Intervals);
        WriteThresholds(writer, result.Thresholds);
        WriteNames(writer, "labels_without_positives", result.LabelsWithoutPositives);
        WriteNames(writer, "labels_without_negatives", result.LabelsWithoutNegatives);
        writer.WriteStartObject("per_label");
        for (int label = 0; label < result.Labels.Count; label++)
        {
            WriteLabel(writer, result.PerLabel[label], result.Intervals?.PerLabelF1[label]);
        }

        writer.WriteEndObject();
        WriteConfusions(writer, result);
        WritePairs(writer, "truth_pairs", result.TruthPairs);
        WritePairs(writer, "predicted_pairs", result.PredictedPairs);
        writer.WriteEndObject();
    }

    private static void WriteHeadline(Utf8JsonWriter writer, EvaluationResult result)
    {
        Write(writer, "loss", result.Loss);
        WriteScores(writer, "micro", result.Micro);
        WriteScores(writer, "macro", result.Macro);
        WriteScores(writer, "weighted", result.Weighted);
        Write(writer, "subset_accuracy", result.SubsetAccuracy);
        Write(writer, "hamming_loss", result.HammingLoss);
        Write(writer, "roc_auc_micro", result.RocAucMicro);
        Write(writer, "roc_auc_macro", result.RocAucMacro);
        Write(writer, "roc_auc_micro_thresholded", result.RocAucMicroThresholded);
        Write(writer, "roc_auc_macro_thresholded", result.RocAucMacroThresholded);
        Write(writer, "average_precision_micro", result.AveragePrecisionMicro);
        Write(writer, "average_precision_macro", result.AveragePrecisionMacro);
        Write(writer, "calibration_error_micro", result.Calibration.ExpectedError);
        Write(writer, "calibration_error_macro", result.CalibrationErrorMacro);
        Write(writer, "labels_per_row", (double)result.Pooled.Support / result.Rows);
        Write(writer, "predicted_labels_per_row", (double)result.Pooled.Predicted / result.Rows);
    }

    private static void WriteScores(Utf8JsonWriter writer, string mean, PrecisionRecallF1 scores)
    {
        Write(writer, mean + "_precision", scores.Precision);
        Write(writer, mean + "_recall", scores.Recall);
        Write(writer, mean + "_f1", scores.F1);
    }

    private static void WriteIntervals(Utf8JsonWriter writer, BootstrapIntervals? intervals)
    {
        if (intervals is null)
        {
            return;
        }

        writer.WriteStartObject("intervals");
        Write(writer, "confidence", intervals.Options.Confidence);
        writer.WriteNumber("resamples", intervals.Options.Resamples);
        writer.WriteNumber("seed", intervals.Options.Seed);
        Write(writer, "micro_f1", intervals.MicroF1);
        Write(writer, "macro_f1", intervals.MacroF1);
        Write(writer, "weighted_f1", intervals.WeightedF1);
        Write(writer, "subset_accuracy", intervals.SubsetAccuracy);
        writer.WriteEndObject();
    }

    private static void WriteThresholds(Utf8JsonWriter writer, LabelThresholds thresholds)
    {
        if (thresholds.Tuning is null)
        {
            writer.WriteNull("thresholds_tuned_on");
            return;
        }

        writer.WriteStartObject("thresholds_tuned_on");
        writer.WriteString("split", thresholds.Tuning.Split);
        writer.WriteNumber("rows", thresholds.Tuning.Rows);
        writer.WriteString("method", thresholds.Tuning.Method);
        writer.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter writer, string name, IReadOnlyList<string> labels)
    {
        writer.WriteStartArray(name);
        foreach (string label in labels)
        {
            writer.WriteStringValue(label);
        }

        writer.WriteEndArray();
    }

    private static void WriteLabel(Utf8JsonWriter writer, LabelMetrics label, ConfidenceInterval? f1)
    {
        writer.WriteStartObject(label.Name);
        writer.WriteNumber("support", label.Counts.Support);
        writer.WriteNumber("predicted", label.Counts.Predicted);
        writer.WriteNumber("true_positives", label.Counts.TruePositives);
        writer.WriteNumber("threshold", label.Threshold);
        Write(writer, "precision", label.Counts.Precision);
        Write(writer, "recall", label.Counts.Recall);
        Write(writer, "f1", label.Counts.F1);
        if (f1 is ConfidenceInterval interval)
        {
            Write(writer, "f1_interval", interval);
        }

        Write(writer, "roc_auc", label.RocAuc);
        Write(writer, "roc_auc_thresholded", label.Counts.RocAucThresholded);
        Write(writer, "average_precision", label.AveragePrecision);
        Write(writer, "calibration_error", label.Calibration.ExpectedError);
        writer.WriteEndObject();
    }

    private static void WriteConfusions(Utf8JsonWriter writer, EvaluationResult result)
    {
        writer.WriteStartArray("top_confusions");
        foreach (LabelConfusion confusion in result.TopConfusions(MostConfusions))
        {
            writer.WriteStartObject();
            writer.WriteString("missed", result.Labels[confusion.MissedLabel]);
            writer.WriteString("predicted", result.Labels[confusion.PredictedLabel]);
            writer.WriteNumber("rows", confusion.Rows);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WritePairs(Utf8JsonWriter writer, string name, LabelPairCounts pairs)
    {
        writer.WriteStartArray(name);
        for (int first = 0; first < pairs.LabelCount; first++)
        {
            // One line per row of the matrix: one number per line would fill 800 lines with 28 labels.
            writer.WriteRawValue($"[{string.Join(", ", Enumerable.Range(0, pairs.LabelCount).Select(second => pairs[first, second]))}]");
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, ConfidenceInterval interval)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(FormattableString.Invariant($"[{Math.Round(interval.Lower, Decimals)}, {Math.Round(interval.Upper, Decimals)}]"));
    }

    private static void Write(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is double number)
        {
            writer.WriteNumber(name, Math.Round(number, Decimals));
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
