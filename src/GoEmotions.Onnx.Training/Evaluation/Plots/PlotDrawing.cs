using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ScottPlot;

namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>
/// A plot as inline SVG: ScottPlot draws the shapes of the data area, the page sets the text.
/// </summary>
/// <remarks>
/// ScottPlot measures and draws text with the fonts of the machine that runs it: with none installed, as in a slim container, all text
/// becomes empty boxes, and with some the report looks different on each machine. Text elements of the page have the reader's fonts instead,
/// scale with the page, and follow its light or dark colours as the shapes do.
/// </remarks>
internal sealed partial class PlotDrawing : IDisposable
{
    // Pixels drawn around the data area, so that dots and thick lines on its edge are not cut in half.
    private const int Bleed = 6;

    private readonly PlotFrame _frame;
    private readonly Plot _plot = new();
    private readonly StringBuilder _text = new();

    public PlotDrawing(PlotFrame frame)
    {
        _frame = frame;
        _plot.Layout.Frameless();
        _plot.HideGrid();
        _plot.FigureBackground.Color = Colors.Transparent;
        _plot.DataBackground.Color = Colors.Transparent;
        double bleedX = Bleed * frame.XEnd / frame.DataWidth;
        double bleedY = Bleed * (frame.YEnd - frame.YStart) / frame.DataHeight;
        _plot.Axes.SetLimits(-bleedX, frame.XEnd + bleedX, frame.YStart - bleedY, frame.YEnd + bleedY);
    }

    public void Rectangle(double left, double right, double bottom, double top, PlotColor color, double opacity = 1)
    {
        ScottPlot.Plottables.Rectangle rectangle = _plot.Add.Rectangle(left, right, bottom, top);
        rectangle.FillColor = Sentinel(color).WithOpacity(opacity);
        rectangle.LineWidth = 0;
    }

    public void Line(double x1, double y1, double x2, double y2, PlotColor color, float width = 1)
    {
        ScottPlot.Plottables.LinePlot line = _plot.Add.Line(x1, y1, x2, y2);
        line.LineColor = Sentinel(color);
        line.LineWidth = width;
        line.MarkerSize = 0;
    }

    public void Curve(double[] xs, double[] ys, PlotColor color, float width = 2)
    {
        ScottPlot.Plottables.Scatter curve = _plot.Add.ScatterLine(xs, ys, Sentinel(color));
        curve.LineWidth = width;
    }

    public void Dot(double x, double y, PlotColor color, float size = 7)
    {
        ScottPlot.Plottables.Marker marker = _plot.Add.Marker(x, y, MarkerShape.FilledCircle, size, Sentinel(color));
        marker.MarkerLineWidth = 0;
    }

    public void GridX(IEnumerable<double> values, Func<double, string> format)
    {
        foreach (double value in values)
        {
            Line(value, _frame.YStart, value, _frame.YEnd, PlotColor.Grid);
            Text(_frame.PixelX(value), _frame.Height - _frame.Bottom + 16, format(value), "middle");
        }
    }

    public void GridY(IEnumerable<double> values, Func<double, string> format)
    {
        foreach (double value in values)
        {
            Line(0, value, _frame.XEnd, value, PlotColor.Grid);
            Text(_frame.Left - 6, _frame.PixelY(value) + 4, format(value), "end");
        }
    }

    public void Titles(string x, string y)
    {
        Text(_frame.Left + (_frame.DataWidth / 2.0), _frame.Height - 4, x, "middle");
        Text(12, _frame.Top + (_frame.DataHeight / 2.0), y, "middle", rotation: -90);
    }

    /// <summary>Text in the middle of the data area, in place of data.</summary>
    public void Note(string text) =>
        Text(_frame.Left + (_frame.DataWidth / 2.0), _frame.Top + (_frame.DataHeight / 2.0) + 4, text, "middle");

    /// <summary>Text at a place in pixels of the whole drawing.</summary>
    /// <param name="anchor">Where the place lies in the text: <c>start</c>, <c>middle</c> or <c>end</c>.</param>
    public void Text(double x, double y, string text, string anchor, int rotation = 0, double? fontSize = null)
    {
        string place = rotation == 0
            ? string.Create(CultureInfo.InvariantCulture, $"x=\"{x:0.#}\" y=\"{y:0.#}\"")
            : string.Create(CultureInfo.InvariantCulture, $"transform=\"translate({x:0.#} {y:0.#}) rotate({rotation})\"");
        string size = fontSize is null ? "" : string.Create(CultureInfo.InvariantCulture, $" font-size=\"{fontSize:0.#}\"");
        _text.Append(CultureInfo.InvariantCulture, $"<text {place} text-anchor=\"{anchor}\"{size}>{HtmlText.Escape(text)}</text>\n");
    }

    /// <summary>The finished drawing.</summary>
    /// <param name="id">Distinct within the page.</param>
    /// <param name="description">What it shows, for those who do not see it.</param>
    public string ToSvg(string id, string description)
    {
        string svg = Inner(_plot.GetSvgXml(_frame.DataWidth + (2 * Bleed), _frame.DataHeight + (2 * Bleed)));
        var shapes = new StringBuilder(RenumberClipPaths(svg, id)).Replace("\t", "");
        foreach (PlotColor color in Enum.GetValues<PlotColor>())
        {
            string name = color.ToString().ToLowerInvariant();
            string hex = Hex(color);
            shapes.Replace($"fill=\"{hex}\"", $"class=\"fill-{name}\"").Replace($"stroke=\"{hex}\"", $"class=\"stroke-{name}\"");
        }

        return $"""
            <svg class="plot" viewBox="0 0 {_frame.Width} {_frame.Height}" style="--width:{_frame.Width}px" role="img" aria-label="{HtmlText.Escape(description)}">
            <g transform="translate({_frame.Left - Bleed} {_frame.Top - Bleed})">
            {shapes.ToString().Trim()}
            </g>
            {_text.ToString().TrimEnd()}
            </svg>
            """;
    }

    public void Dispose() => _plot.Dispose();

    /// <summary>A colour that stands for another one until <see cref="ToSvg"/> puts a class of the style sheet in its place.</summary>
    private static Color Sentinel(PlotColor color) => Color.FromHex(Hex(color));

    private static string Hex(PlotColor color) => $"#0A{(int)color:X2}0B";

    /// <summary>
    /// Skia numbers clip paths over the life of the process: numbered anew after the drawing's name,
    /// they are distinct within the page and the same in every run.
    /// </summary>
    private static string RenumberClipPaths(string svg, string id)
    {
        var numbers = new Dictionary<string, int>();
        return ClipPathName().Replace(svg, match =>
        {
            if (!numbers.TryGetValue(match.Value, out int number))
            {
                number = numbers.Count;
                numbers.Add(match.Value, number);
            }

            return string.Create(CultureInfo.InvariantCulture, $"{id}-{number}");
        });
    }

    [GeneratedRegex(@"\bcl_[0-9a-f]+\b")]
    private static partial Regex ClipPathName();

    private static string Inner(string svg)
    {
        int start = svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal)) + 1;
        return svg[start..svg.LastIndexOf("</svg>", StringComparison.Ordinal)];
    }
}
