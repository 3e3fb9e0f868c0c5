using System.Collections.Frozen;
using System.Text;
using CsvHelper;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>
/// The columns of a one-hot table. A column is a label when it is asked for by name, bears a GoEmotions label's name, or holds
/// only 0 and 1 in the first <see cref="RowsLookedAt"/> rows; it is an error when 0 and 1 stand there beside other values.
/// </summary>
internal sealed class TableColumns
{
    public const int RowsLookedAt = 256;

    private static readonly FrozenDictionary<string, ColumnRole> KnownColumns = new Dictionary<string, ColumnRole>
    {
        ["id"] = ColumnRole.Id,
        ["example_very_unclear"] = ColumnRole.Unclear,
        ["author"] = ColumnRole.Metadata,
        ["subreddit"] = ColumnRole.Metadata,
        ["link_id"] = ColumnRole.Metadata,
        ["parent_id"] = ColumnRole.Metadata,
        ["created_utc"] = ColumnRole.Metadata,
        ["rater_id"] = ColumnRole.Metadata,

        // The row numbers that pandas writes beside a table.
        [""] = ColumnRole.Ignored,
        ["index"] = ColumnRole.Ignored,
        ["Unnamed: 0"] = ColumnRole.Ignored,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private readonly string _source;
    private readonly long _headerLine;

    private TableColumns(string source, long headerLine, string[] names)
    {
        _source = source;
        _headerLine = headerLine;
        Names = names;
        Roles = new ColumnRole[names.Length];
        LabelIndices = new int[names.Length];
        Labels = EmotionLabels.GoEmotions;
    }

    /// <summary>The header's cells, trimmed.</summary>
    public string[] Names { get; }

    /// <summary>The role of each column.</summary>
    public ColumnRole[] Roles { get; }

    /// <summary>The label of each column that is one, as an index into <see cref="Labels"/>.</summary>
    public int[] LabelIndices { get; }

    public EmotionLabels Labels { get; private set; }

    /// <summary>Finds the columns from the header and the first rows of <paramref name="head"/>.</summary>
    public static TableColumns Find(string source, CsvReader head, DatasetReaderOptions options)
    {
        head.Read();
        var columns = new TableColumns(source, head.LineNumber, ReadHeader(source, head));
        columns.AssignKnown(options);
        columns.FindLabels(head, options);
        columns.OrderLabels(options.Labels);
        return columns;
    }

    private static string[] ReadHeader(string source, CsvReader head)
    {
        string[] names = new string[head.FieldCount];
        for (int column = 0; column < names.Length; column++)
        {
            names[column] = Encoding.UTF8.GetString(head.GetSpan(column)).Trim();
            int first = Array.IndexOf(names, names[column]);
            if (first < column && names[column].Length > 0)
            {
                Throw.InvalidData($"{source}:{head.LineNumber}: column {Excerpt.Of(names[column])} stands at {first + 1} and at {column + 1}, expected distinct columns. Rename or remove one of them.");
            }
        }

        return names;
    }

    /// <summary>Gives the columns that are known by name their roles; the others stay <see cref="ColumnRole.Ignored"/>.</summary>
    private void AssignKnown(DatasetReaderOptions options)
    {
        int text = Array.FindIndex(Names, name => string.Equals(name, options.TextColumn, StringComparison.OrdinalIgnoreCase));
        for (int column = 0; column < Names.Length; column++)
        {
            Roles[column] = column == text ? ColumnRole.Text
                : options.IgnoredColumns.Contains(Names[column]) ? ColumnRole.Ignored
                : KnownColumns.GetValueOrDefault(Names[column]);
        }

        foreach (string name in options.LabelColumns ?? [])
        {
            int column = Array.IndexOf(Names, name);
            if (column < 0 || column == text)
            {
                Throw.InvalidData($"{_source}:{_headerLine}: column '{name}' was asked for as a label, expected it in the header beside the text column. Name a column of the file.");
            }

            Roles[column] = ColumnRole.Label;
        }
    }

    private void FindLabels(CsvReader head, DatasetReaderOptions options)
    {
        var candidates = new List<int>();
        for (int column = 0; column < Names.Length; column++)
        {
            if (options.LabelColumns is not null || Roles[column] != ColumnRole.Ignored || KnownColumns.ContainsKey(Names[column]) || options.IgnoredColumns.Contains(Names[column]))
            {
                continue;
            }

            if ((options.Labels ?? EmotionLabels.GoEmotions).TryGetIndex(Names[column], out _))
            {
                Roles[column] = ColumnRole.Label;
            }
            else
            {
                candidates.Add(column);
            }
        }

        if (!LookAt(head, candidates))
        {
            Throw.InvalidData($"{_source}: the file has a header and no row, expected labelled texts below it. Pass the whole file.");
        }

        if (!Roles.Contains(ColumnRole.Label))
        {
            Throw.InvalidData($"{_source}: found no label among the columns {string.Join(", ", Names)}, expected columns of 0 and 1. Name the label columns.");
        }
    }

    /// <summary>Makes labels of the candidates that hold 0 and 1 only; false when there is no row.</summary>
    private bool LookAt(CsvReader head, List<int> candidates)
    {
        int[] binaryLine = new int[Names.Length];
        var other = new (int Line, string Cell)[Names.Length];
        int count = 0;
        for (; count < RowsLookedAt && head.Read(); count++)
        {
            if (head.FieldCount != Names.Length)
            {
                continue;
            }

            foreach (int column in candidates)
            {
                ReadOnlySpan<byte> cell = head.GetSpan(column);
                if (LabelCell.TryParse(cell, out _))
                {
                    binaryLine[column] = binaryLine[column] == 0 ? (int)head.LineNumber : binaryLine[column];
                }
                else if (other[column].Line == 0 && !MissingCell.Is(cell))
                {
                    other[column] = ((int)head.LineNumber, Excerpt.Of(cell));
                }
            }
        }

        foreach (int column in candidates)
        {
            if (binaryLine[column] > 0 && other[column].Line > 0)
            {
                Throw.InvalidData($"{_source}:{other[column].Line}: column '{Names[column]}' ({column + 1}) holds {other[column].Cell}, expected {LabelCell.Expected} as in line {binaryLine[column]}. Mend the cell, or name the label columns, or the column as one to ignore.");
            }

            Roles[column] = binaryLine[column] > 0 ? ColumnRole.Label : ColumnRole.Ignored;
        }

        return count > 0;
    }

    /// <summary>Numbers the labels: in the order of <paramref name="requested"/>, or of the columns.</summary>
    private void OrderLabels(EmotionLabels? requested)
    {
        int[] labelColumns = [.. Enumerable.Range(0, Names.Length).Where(column => Roles[column] == ColumnRole.Label)];
        Labels = requested ?? EmotionLabels.Create(labelColumns.Select(column => Names[column]));
        foreach (int column in labelColumns)
        {
            if (!Labels.TryGetIndex(Names[column], out LabelIndices[column]))
            {
                Throw.InvalidData($"{_source}:{_headerLine}: label column {Excerpt.Of(Names[column])} ({column + 1}) is not among the {Labels.Count} labels expected. Pass data with the labels of the model or of the other files, or name the column as one to ignore.");
            }
        }

        if (labelColumns.Length < Labels.Count)
        {
            string missing = string.Join(", ", Labels.Where(label => !labelColumns.Any(column => Names[column] == label)));
            Throw.InvalidData($"{_source}:{_headerLine}: the header lacks the label columns {missing}, expected all {Labels.Count} labels. Pass data with the labels of the model or of the other files.");
        }
    }
}
