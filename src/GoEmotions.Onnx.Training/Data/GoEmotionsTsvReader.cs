using System.Buffers.Text;
using System.Text;
using CsvHelper;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>Reads <c>text TAB ids TAB comment id</c>. The first row says whether the file has comment ids.</summary>
internal sealed class GoEmotionsTsvReader : DatasetReader
{
    private readonly EmotionLabels _fileLabels;
    private int[] _labelOfId = [];
    private int _columnCount;

    private GoEmotionsTsvReader(string source, Stream stream, EmotionLabels fileLabels)
        : base(source, DatasetFormat.GoEmotionsTsv, stream, CsvReader.Create(stream, TableReading.WithoutQuotes('\t'), leaveOpen: true))
    {
        _fileLabels = fileLabels;
    }

    public static GoEmotionsTsvReader Create(string source, Stream stream, DatasetReaderOptions options)
    {
        (EmotionLabels fileLabels, string origin) = LabelSource.OfFile(source, options.Labels);
        EmotionLabels labels = options.Labels ?? fileLabels;
        int[] labelOfId = new int[fileLabels.Count];
        for (int id = 0; id < labelOfId.Length; id++)
        {
            if (!labels.TryGetIndex(fileLabels[id], out labelOfId[id]))
            {
                Throw.InvalidData($"{source}: label '{fileLabels[id]}' ({origin}) is not among the {labels.Count} labels expected. Pass data with the labels of the model or of the other files.");
            }
        }

        return new GoEmotionsTsvReader(source, stream, fileLabels) { Labels = labels, LabelsSource = origin, _labelOfId = labelOfId };
    }

    private protected override bool TryParseRow(out DatasetRow row)
    {
        if (_columnCount == 0)
        {
            _columnCount = Math.Clamp(Rows.FieldCount, 2, 3);
        }

        if (Rows.FieldCount == 1 && Rows.GetSpan(0).Trim(" \t"u8).IsEmpty)
        {
            row = default;
            return false;
        }

        if (Rows.FieldCount > _columnCount)
        {
            Fail($"found {Rows.FieldCount} columns, expected {_columnCount} (text, label ids{(_columnCount == 3 ? ", comment id" : "")}). Remove the tabs from the text");
        }

        row = Rows.IsEmpty(0) ? new DatasetRow(LineNumber, "text")
            : Rows.IsEmpty(1) ? new DatasetRow(LineNumber, "label ids")
            : _columnCount == 3 && Rows.IsEmpty(2) ? new DatasetRow(LineNumber, "comment id")
            : new DatasetRow(new EmotionExample
            {
                Text = Encoding.UTF8.GetString(Rows.GetSpan(0)),
                Labels = ParseIds(Rows.GetSpan(1)),
                Id = _columnCount == 3 ? Encoding.UTF8.GetString(Rows.GetSpan(2)) : null,
                Source = Source,
                LineNumber = LineNumber,
            });
        return true;
    }

    private LabelSet ParseIds(ReadOnlySpan<byte> ids)
    {
        LabelSet labels = default;
        foreach (Range range in ids.Split((byte)','))
        {
            ReadOnlySpan<byte> cell = ids[range];
            if (!Utf8Parser.TryParse(cell, out int id, out int consumed) || consumed != cell.Length || (uint)id >= (uint)_fileLabels.Count)
            {
                Fail($"column 2 (label ids) holds {Excerpt.Of(cell)}, expected ids from 0 to {_fileLabels.Count - 1} with commas between ({LabelsSource}). Mend the id or the labels");
            }

            LabelSet more = labels.Add(_labelOfId[id]);
            if (more == labels)
            {
                Fail($"column 2 (label ids) holds {id} twice, expected distinct ids. Remove one of them");
            }

            labels = more;
        }

        return labels;
    }
}
