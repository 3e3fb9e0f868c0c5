namespace GoEmotions.Onnx.Training.Data;

/// <summary>One run of the cleaning: rows go in, in order; examples and the report come out.</summary>
internal sealed class CleaningSteps(CleaningOptions options)
{
    private readonly List<EmotionExample> _kept = [];
    private readonly Dictionary<string, (int Count, List<string> Lines)> _dropped = [];
    private readonly List<SourceReport> _sources = [];
    private readonly List<string> _warnings = [];
    private readonly RaterMerge? _merge = options.Raters == RaterPolicy.Majority ? new RaterMerge() : null;
    private int[] _labelsBefore = [];
    private int _read;

    /// <summary>The labels of the first reader, or null before it.</summary>
    public EmotionLabels? Labels { get; private set; }

    public void AddAll(DatasetReader reader)
    {
        Labels ??= reader.Labels;
        Array.Resize(ref _labelsBefore, Labels.Count);
        int before = _read;
        while (reader.Read(out DatasetRow row))
        {
            _read++;
            Add(reader.Source, row);
        }

        if (_read == before)
        {
            Throw.InvalidData($"{reader.Source}: found no row, expected labelled texts. Pass the whole file.");
        }

        _sources.Add(new SourceReport
        {
            File = reader.Source,
            Format = reader.Format,
            Read = _read - before,
            LabelsFrom = reader.LabelsSource,
            IgnoredColumns = [.. reader.IgnoredColumns],
        });
    }

    public CleanedDataset Finish()
    {
        int merged = 0;
        if (_merge is not null)
        {
            merged = _merge.Finish(_kept.Add, example => Drop(DropReasons.NoAgreedLabel, example.Source, example.LineNumber), _warnings);
        }

        if (_kept.Count == 0)
        {
            string reasons = string.Join(", ", _dropped.Select(pair => $"{pair.Key} {pair.Value.Count}"));
            Throw.InvalidData($"{string.Join(", ", _sources.Select(source => source.File))}: none of {_read} rows is left (dropped: {reasons}; merged: {merged}), expected at least one. "
                + (_merge is null ? "Mend the files or drop less." : "Keep all rows where each comment has one (--raters keep)."));
        }

        EmotionDataset dataset = EmotionDataset.Create(Labels!, _kept);
        return new CleanedDataset(dataset, new DataReport
        {
            Read = _read,
            Kept = _kept.Count,
            Merged = merged,
            Dropped = _dropped.ToDictionary(pair => pair.Key, pair => new DroppedRows { Count = pair.Value.Count, Lines = pair.Value.Lines }),
            Unclear = _kept.Count(example => example.IsUnclear),
            Unlabeled = _kept.Count(example => example.Labels.IsEmpty),
            DuplicateTexts = _kept.Count - _kept.Select(example => example.Text).Distinct(StringComparer.Ordinal).Count(),
            LabelsBefore = LabelCounts.ByName(dataset.Labels, _labelsBefore),
            LabelsAfter = LabelCounts.ByName(dataset),
            Sources = _sources,
            Warnings = _warnings,
        });
    }

    private void Add(string source, DatasetRow row)
    {
        if (!row.IsComplete)
        {
            Drop(DropReasons.MissingCell, source, row.LineNumber);
            return;
        }

        EmotionExample example = row.Example;
        foreach (int label in example.Labels)
        {
            _labelsBefore[label]++;
        }

        if (string.IsNullOrWhiteSpace(example.Text))
        {
            Drop(DropReasons.BlankText, source, row.LineNumber);
        }
        else if (options.DropUnclear && example.IsUnclear)
        {
            Drop(DropReasons.Unclear, source, row.LineNumber);
        }
        else if (_merge is not null)
        {
            _merge.Add(example);
        }
        else if (options.DropUnlabeled && example.Labels.IsEmpty)
        {
            Drop(DropReasons.Unlabeled, source, row.LineNumber);
        }
        else
        {
            _kept.Add(example);
        }
    }

    private void Drop(string reason, string source, int lineNumber)
    {
        (int count, List<string> lines) = _dropped.GetValueOrDefault(reason, (0, []));
        if (count < DroppedRows.MaxLines)
        {
            lines.Add($"{source}:{lineNumber}");
        }

        _dropped[reason] = (count + 1, lines);
    }
}
