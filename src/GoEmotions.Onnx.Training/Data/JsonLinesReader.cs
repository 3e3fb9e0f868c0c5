using System.Text;
using System.Text.Json;
using CsvHelper;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>Reads one JSON object a line. CsvHelper only finds the lines; each is one cell.</summary>
internal sealed class JsonLinesReader : DatasetReader
{
    private readonly string _textProperty;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    private JsonLinesReader(string source, Stream stream, string textProperty)
        : base(source, DatasetFormat.JsonLines, stream, CsvReader.Create(stream, TableReading.WithoutQuotes(TableReading.NoSeparator), leaveOpen: true))
    {
        _textProperty = textProperty;
    }

    public static JsonLinesReader Create(string source, Stream stream, DatasetReaderOptions options)
    {
        (EmotionLabels labels, string origin) = options.Labels is { } requested ? (requested, "the labels asked for") : LabelSource.OfFile(source, requested: null);
        return new JsonLinesReader(source, stream, options.TextColumn) { Labels = labels, LabelsSource = origin };
    }

    private protected override bool TryParseRow(out DatasetRow row)
    {
        ReadOnlySpan<byte> line = Rows.RawRecord.Trim(" \t"u8);
        if (line.IsEmpty)
        {
            row = default;
            return false;
        }

        try
        {
            row = ParseObject(line);
            return true;
        }
        catch (JsonException error)
        {
            Fail($"the line is not a JSON object at byte {(error.BytePositionInLine ?? 0) + 1}, expected {{\"{_textProperty}\": \"...\", \"labels\": [\"...\"]}}. Mend the line");
        }

        row = default;
        return false;
    }

    private DatasetRow ParseObject(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            Fail($"found {Excerpt.Of(line)}, expected a JSON object {{\"{_textProperty}\": \"...\", \"labels\": [\"...\"]}}. Write one object a line");
        }

        string? text = null;
        string? id = null;
        LabelSet? labels = null;
        bool isUnclear = false;
        _seen.Clear();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = GetString(ref json);
            if (!_seen.Add(name))
            {
                Fail($"property {Excerpt.Of(name)} stands twice, expected once. Remove one of them");
            }

            json.Read();
            if (name == _textProperty)
            {
                text = GetStringOrNull(ref json, name);
            }
            else if (name == "labels")
            {
                labels = GetLabels(ref json);
            }
            else if (name == "id")
            {
                id = json.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(json.ValueSpan) : GetStringOrNull(ref json, name);
            }
            else if (name == "unclear")
            {
                isUnclear = json.TokenType == JsonTokenType.True;
                if (json.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                {
                    Fail($"property 'unclear' holds {Excerpt.Of(json.ValueSpan)}, expected true or false. Mend the value");
                }
            }
            else
            {
                json.Skip();
                if (!Ignored.Contains(name))
                {
                    Ignored.Add(name);
                }
            }
        }

        while (json.Read())
        {
            // Reads on to the end, so that anything after the object is an error.
        }

        return text is null ? new DatasetRow(LineNumber, _textProperty)
            : labels is null ? new DatasetRow(LineNumber, "labels")
            : new DatasetRow(new EmotionExample
            {
                Text = text,
                Labels = labels.Value,
                Id = id,
                IsUnclear = isUnclear,
                Source = Source,
                LineNumber = LineNumber,
            });
    }

    private LabelSet? GetLabels(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.StartArray)
        {
            Fail($"property 'labels' holds {Excerpt.Of(json.ValueSpan)}, expected an array of label names. Write [\"joy\"]");
        }

        LabelSet labels = default;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            string? name = GetStringOrNull(ref json, "labels");
            if (name is null || !Labels.TryGetIndex(name, out int index))
            {
                Fail($"property 'labels' holds {Excerpt.Of(name ?? "null")}, which is none of the {Labels.Count} labels ({LabelsSource}). Mend the name, or put the label set as {LabelSource.FileName} beside the file");
                return null;
            }

            LabelSet more = labels.Add(index);
            if (more == labels)
            {
                Fail($"property 'labels' holds '{name}' twice, expected distinct labels. Remove one of them");
            }

            labels = more;
        }

        return labels;
    }

    private string? GetStringOrNull(ref Utf8JsonReader json, string property)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.String)
        {
            Fail($"property '{property}' holds {Excerpt.Of(json.ValueSpan)}, expected a string. Write it in quotes");
        }

        return GetString(ref json);
    }

    private string GetString(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // The only cause left, the row being valid UTF-8: half of a surrogate pair, written as an escape.
            return Throw.InvalidData<string>($"{Source}:{LineNumber}: {Excerpt.Of(json.ValueSpan)} holds half of a surrogate pair, expected Unicode text. Mend the \\u escape.");
        }
    }
}
