namespace GoEmotions.Onnx.Training.Data;

/// <summary>Gathers the rows of each comment id and keeps the labels that at least two of them chose.</summary>
internal sealed class RaterMerge
{
    private readonly Dictionary<string, int> _commentOfId = new(StringComparer.Ordinal);
    private readonly List<Comment> _comments = [];
    private string? _firstOtherText;
    private int _otherTexts;
    private int _rows;

    public void Add(EmotionExample row)
    {
        _rows++;
        if (row.Id is null)
        {
            Throw.InvalidData($"{row.Source}:{row.LineNumber}: the row has no comment id, expected one to merge the raters of a comment by. Keep all rows (--raters keep).");
            return;
        }

        if (!_commentOfId.TryGetValue(row.Id, out int index))
        {
            _commentOfId.Add(row.Id, _comments.Count);
            _comments.Add(new Comment(row, Chosen: row.Labels, Agreed: default));
            return;
        }

        Comment comment = _comments[index];
        if (comment.First.Text != row.Text)
        {
            _otherTexts++;
            _firstOtherText ??= $"{row.Source}:{row.LineNumber}";
        }

        LabelSet agreed = comment.Agreed;
        LabelSet chosen = comment.Chosen;
        foreach (int label in row.Labels)
        {
            if (chosen.Contains(label))
            {
                agreed = agreed.Add(label);
            }

            chosen = chosen.Add(label);
        }

        _comments[index] = comment with { Chosen = chosen, Agreed = agreed };
    }

    /// <summary>Hands out one example per comment, in the order of their first rows.</summary>
    /// <returns>The number of rows that went into an earlier one.</returns>
    public int Finish(Action<EmotionExample> keep, Action<EmotionExample> drop, List<string> warnings)
    {
        foreach (Comment comment in _comments)
        {
            if (comment.Agreed.IsEmpty)
            {
                drop(comment.First);
            }
            else
            {
                keep(comment.First with { Labels = comment.Agreed, IsUnclear = false });
            }
        }

        if (_otherTexts > 0)
        {
            warnings.Add($"{_otherTexts} rows have another text than the first row with their comment id (the first at {_firstOtherText}); the first text was kept.");
        }

        return _rows - _comments.Count;
    }

    /// <summary>The labels chosen by at least one and by at least two raters.</summary>
    private readonly record struct Comment(EmotionExample First, LabelSet Chosen, LabelSet Agreed);
}
