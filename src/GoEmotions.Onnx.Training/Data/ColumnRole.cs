namespace GoEmotions.Onnx.Training.Data;

/// <summary>What a column of a one-hot table means.</summary>
internal enum ColumnRole
{
    /// <summary>Not read; its cells may be missing.</summary>
    Ignored,

    /// <summary>Of the raw GoEmotions release; not read, but a row without it is incomplete, as for the notebook.</summary>
    Metadata,
    Text,
    Id,
    Unclear,
    Label,
}
