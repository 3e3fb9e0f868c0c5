using System.Globalization;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>The probabilities of one text, as JSON for programs and as a row of a table for people.</summary>
internal sealed class TextScores
{
    private readonly string _text;
    private readonly EmotionLabels _labels;
    private readonly LabelThresholds _thresholds;
    private readonly ReadOnlyMemory<float> _probabilities;
    private readonly int[] _byProbability;

    public TextScores(string text, EmotionLabels labels, LabelThresholds thresholds, ReadOnlyMemory<float> probabilities)
    {
        _text = text;
        _labels = labels;
        _thresholds = thresholds;
        _probabilities = probabilities;

        // A stable sort: labels of equal probability keep the model's order.
        _byProbability = [.. Enumerable.Range(0, labels.Count).OrderByDescending(label => probabilities.Span[label])];
    }

    /// <summary>Writes <c>{"text", "scores": {label: probability}, "labels": [those above their thresholds]}</c>, the most probable first.</summary>
    public void WriteTo(JsonLines lines, int count) => lines.WriteObject(writer =>
    {
        writer.WriteString("text", _text);
        writer.WriteStartObject("scores");
        foreach (int label in _byProbability.Take(count))
        {
            writer.WriteNumber(_labels[label], Probability(label));
        }

        writer.WriteEndObject();
        writer.WriteStartArray("labels");
        foreach (int label in _byProbability.Where(Holds))
        {
            writer.WriteStringValue(_labels[label]);
        }

        writer.WriteEndArray();
    });

    /// <summary>Adds a row: the labels that hold, or the <paramref name="top"/> most probable ones, a line each.</summary>
    public void AddTo(Table table, int? top)
    {
        int[] shown = top is int count ? [.. _byProbability.Take(count)] : [.. _byProbability.Where(Holds)];
        if (shown.Length == 0)
        {
            int best = _byProbability[0];
            table.AddRow(new Text(DisplayText.Of(_text)), new Markup($"[dim]none above its threshold; best: {Markup.Escape(_labels[best])}[/]"), new Text(Percent(best)));
            return;
        }

        table.AddRow(new Text(DisplayText.Of(_text)), Column(label => _labels[label]), Column(Percent));

        Markup Column(Func<int, string> cell) => new(string.Join('\n', shown.Select(label => Holds(label) ? $"[bold]{Markup.Escape(cell(label))}[/]" : Markup.Escape(cell(label)))));
    }

    private bool Holds(int label) => _thresholds.IsAbove(label, Probability(label));

    private float Probability(int label) => _probabilities.Span[label];

    private string Percent(int label) => Probability(label).ToString("0.000", CultureInfo.InvariantCulture);
}
