namespace GoEmotions.Onnx.Training.Data;

/// <summary>The layouts of labelled texts that <see cref="DatasetReader"/> reads.</summary>
public enum DatasetFormat
{
    /// <summary>A table with a header, a text column and one 0/1 column for each label; comma, semicolon or tab between cells, RFC 4180 quotes.</summary>
    OneHotTable,

    /// <summary>The layout of the GoEmotions release: text, label indices with commas between, comment id; tabs between, no header, no quotes.</summary>
    GoEmotionsTsv,

    /// <summary>One JSON object a line: <c>{"text": "...", "labels": ["joy"], "id": "..."}</c>.</summary>
    JsonLines,
}
