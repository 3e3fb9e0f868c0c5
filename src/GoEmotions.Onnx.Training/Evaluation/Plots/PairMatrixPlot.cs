using System.Globalization;

namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>Which labels come together: one cell per pair, coloured the stronger the larger the share of the row's label that also has the column's.</summary>
internal sealed class PairMatrixPlot
{
    private const int LargestCell = 34;
    private const int SmallestCellWithNumber = 18;
    private const int LongestSide = 620;

    private readonly EmotionLabels _labels;
    private readonly int[] _shown;
    private readonly double _largestShare;

    private PairMatrixPlot(EmotionLabels labels, int[] shown, double largestShare)
    {
        _labels = labels;
        _shown = shown;
        _largestShare = largestShare;
    }

    /// <summary>The most labels that a matrix shows legibly; those with the highest support are shown.</summary>
    public static int MostLabels => 40;

    /// <summary>Prepares matrices of the same labels and the same scale, so that they can be compared.</summary>
    public static PairMatrixPlot Create(EmotionLabels labels, params ReadOnlySpan<LabelPairCounts> matrices)
    {
        LabelPairCounts truth = matrices[0];
        int[] shown =
        [
            .. Enumerable.Range(0, labels.Count).OrderByDescending(label => truth[label, label]).Take(MostLabels).Order(),
        ];
        double largestShare = 0;
        foreach (LabelPairCounts matrix in matrices)
        {
            foreach ((int row, int column) in Pairs(shown))
            {
                largestShare = Math.Max(largestShare, Share(matrix, row, column));
            }
        }

        return new PairMatrixPlot(labels, shown, largestShare);
    }

    public string Draw(LabelPairCounts pairs, string id, string description)
    {
        int cell = Math.Min(LargestCell, LongestSide / _shown.Length);
        int textWidth = PlotLabel.Width(_shown.Select(label => _labels[label]));
        var frame = new PlotFrame
        {
            Width = textWidth + (cell * _shown.Length) + 12,
            Height = textWidth + (cell * _shown.Length) + 12,
            Left = textWidth,
            Top = textWidth,
            Bottom = 12,
            XEnd = _shown.Length,
            YEnd = _shown.Length,
        };
        using var drawing = new PlotDrawing(frame);
        for (int place = 0; place <= _shown.Length; place++)
        {
            drawing.Line(place, 0, place, _shown.Length, PlotColor.Grid, width: 0.5f);
            drawing.Line(0, place, _shown.Length, place, PlotColor.Grid, width: 0.5f);
        }

        for (int place = 0; place < _shown.Length; place++)
        {
            string name = PlotLabel.Shorten(_labels[_shown[place]]);
            double fontSize = Math.Min(12, cell * 0.8);
            drawing.Text(frame.Left - 6, frame.PixelY(_shown.Length - place - 0.5) + 4, name, "end", fontSize: fontSize);
            drawing.Text(frame.PixelX(place + 0.5) + 4, frame.Top - 6, name, "start", rotation: -90, fontSize: fontSize);
            DrawRow(drawing, frame, pairs, place, cell);
        }

        return drawing.ToSvg(id, description);
    }

    private static IEnumerable<(int Row, int Column)> Pairs(int[] labels) =>
        from row in labels from column in labels where row != column select (row, column);

    private static double Share(LabelPairCounts pairs, int row, int column) =>
        pairs[row, row] == 0 ? 0 : (double)pairs[row, column] / pairs[row, row];

    private void DrawRow(PlotDrawing drawing, PlotFrame frame, LabelPairCounts pairs, int place, int cell)
    {
        double bottom = _shown.Length - place - 1;
        for (int columnPlace = 0; columnPlace < _shown.Length; columnPlace++)
        {
            int count = pairs[_shown[place], _shown[columnPlace]];
            if (count == 0)
            {
                continue;
            }

            if (columnPlace != place)
            {
                // The square root lets small shares be told from none.
                double opacity = Math.Sqrt(Share(pairs, _shown[place], _shown[columnPlace]) / _largestShare) * 0.85;
                drawing.Rectangle(columnPlace, columnPlace + 1, bottom, bottom + 1, PlotColor.Model, opacity);
            }

            if (cell >= SmallestCellWithNumber)
            {
                string number = count.ToString(CultureInfo.InvariantCulture);
                drawing.Text(frame.PixelX(columnPlace + 0.5), frame.PixelY(bottom + 0.5) + 3, number, "middle", fontSize: cell * (number.Length > 3 ? 0.34 : 0.4));
            }
        }
    }
}
