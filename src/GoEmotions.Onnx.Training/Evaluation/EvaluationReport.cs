using System.Text;

namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>
/// Writes an evaluation as one HTML file for a person to look at: metrics, plots, tables and the worst mistakes.
/// The page needs no other file, no script and no network. Stateless and thread-safe.
/// </summary>
public static class EvaluationReport
{
    /// <summary>Writes the page to a new file beside <paramref name="path"/> first, which then takes its place.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="input">What was evaluated; its texts, when there are any, are shown with the worst mistakes.</param>
    /// <param name="result">What <see cref="Evaluator.Evaluate"/> gave for it.</param>
    /// <param name="options">What to show; null for the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty, or <paramref name="result"/> is not of <paramref name="input"/>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, EvaluationInput input, EvaluationResult result, EvaluationReportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] html = Encoding.UTF8.GetBytes(ToHtml(input, result, options));
        AtomicFile.Write(path, stream => stream.Write(html));
    }

    /// <summary>Makes the page.</summary>
    /// <param name="input">What was evaluated.</param>
    /// <param name="result">What <see cref="Evaluator.Evaluate"/> gave for it.</param>
    /// <param name="options">What to show; null for the defaults.</param>
    /// <returns>A whole HTML document, the same for the same input.</returns>
    /// <exception cref="ArgumentException"><paramref name="result"/> is not of <paramref name="input"/>.</exception>
    public static string ToHtml(EvaluationInput input, EvaluationResult result, EvaluationReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(result);
        options ??= new EvaluationReportOptions();
        options.Check();
        if (!input.Labels.Equals(result.Labels) || input.Scores.Length != (long)result.Rows * result.Labels.Count)
        {
            Throw.Argument($"'result' has {result.Rows} rows x {result.Labels.Count} labels, expected those of 'input' ({input.Scores.Length} scores, {input.Labels.Count} labels).", nameof(result));
        }

        return new EvaluationReportPage(input, result, options).ToString();
    }
}
