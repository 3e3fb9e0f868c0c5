using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Parity.Tests.Tokenization;

/// <summary>Hugging Face's tokenizer (npm package tokenizers), run by tests/node/reference.mjs in one process for all tests of a class.</summary>
public sealed class ReferenceTokenizer : IDisposable
{
    private readonly Lock _lock = new();
    private Process? _process;

    /// <summary>Builds a tokenizer as BertTokenizerFast does.</summary>
    public int Make(Vocabulary vocabulary, WordPieceTokenizerOptions options)
    {
        var text = new StringBuilder("{\"make\":{\"pieces\":[");
        AppendJoined(text, vocabulary.Pieces.ToArray());
        text.Append("],\"normalizer\":").Append(NormalizerJson(options));
        text.Append(CultureInfo.InvariantCulture, $",\"maxInputCharsPerWord\":{options.MaxInputCharactersPerWord ?? 100},\"special\":[");
        AppendJoined(text, options.UnknownToken ?? "[UNK]", options.SeparatorToken ?? "[SEP]", options.PadToken ?? "[PAD]", options.ClassToken ?? "[CLS]", options.MaskToken ?? "[MASK]");
        text.Append("],\"added\":[");
        string comma = "";
        foreach (AddedToken token in options.AddedTokens)
        {
            text.Append(comma).Append("{\"content\":");
            AppendString(text, token.Content);
            text.Append(CultureInfo.InvariantCulture, $",\"special\":{Json(token.Special)},\"normalized\":{Json(token.Normalized ?? !token.Special)},\"singleWord\":{Json(token.SingleWord)},\"leftStrip\":{Json(token.StripLeft)},\"rightStrip\":{Json(token.StripRight)}}}");
            comma = ",";
        }

        text.Append("]}}");
        using JsonDocument reply = Ask(text.ToString());
        return reply.RootElement.GetProperty("tokenizer").GetInt32();
    }

    /// <summary>Loads a tokenizer.json.</summary>
    public int Load(string path)
    {
        var text = new StringBuilder("{\"load\":");
        AppendString(text, path);
        using JsonDocument reply = Ask(text.Append('}').ToString());
        return reply.RootElement.GetProperty("tokenizer").GetInt32();
    }

    /// <summary>The ids and offsets (in code points) of texts; a maximal length of 0 cuts nothing off.</summary>
    public ReferenceEncoding[] Encode(int tokenizer, IReadOnlyList<string> texts, int maxLength = 0)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\"encode\":{tokenizer},\"maxLength\":{maxLength},\"texts\":[");
        AppendJoined(text, texts);
        using JsonDocument reply = Ask(text.Append("]}").ToString());
        JsonElement ids = reply.RootElement.GetProperty("ids");
        JsonElement offsets = reply.RootElement.GetProperty("offsets");
        return
        [
            .. ids.EnumerateArray().Zip(offsets.EnumerateArray()).Select(pair => new ReferenceEncoding(
                [.. pair.First.EnumerateArray().Select(id => id.GetInt32())],
                [.. pair.Second.EnumerateArray().Select(offset => (offset[0].GetInt32(), offset[1].GetInt32()))])),
        ];
    }

    public string[] Decode(int tokenizer, IEnumerable<int[]> ids, bool skipSpecialTokens)
    {
        string rows = string.Join(',', ids.Select(row => $"[{string.Join(',', row)}]"));
        using JsonDocument reply = Ask($"{{\"decode\":{tokenizer},\"skip\":{Json(skipSpecialTokens)},\"ids\":[{rows}]}}");
        return ReadTexts(reply);
    }

    public string[] Normalize(WordPieceTokenizerOptions options, IReadOnlyList<string> texts)
    {
        var text = new StringBuilder("{\"normalize\":").Append(NormalizerJson(options)).Append(",\"texts\":[");
        AppendJoined(text, texts);
        using JsonDocument reply = Ask(text.Append("]}").ToString());
        return ReadTexts(reply);
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(5000))
            {
                _process.Kill();
            }

            _process.Dispose();
        }
    }

    private JsonDocument Ask(string request)
    {
        NodeProgram.Tokenizers.Require();
        lock (_lock)
        {
            _process ??= NodeProgram.Tokenizers.Start("reference.mjs", redirectInput: true);
            _process.StandardInput.WriteLine(request);
            _process.StandardInput.Flush();
            string? line = _process.StandardOutput.ReadLine();
            Assert.True(line is not null, "reference.mjs ended without an answer");
            var reply = JsonDocument.Parse(line);
            if (reply.RootElement.TryGetProperty("error", out JsonElement error))
            {
                Assert.Fail($"reference.mjs: {error.GetString()}");
            }

            return reply;
        }
    }

    private static string[] ReadTexts(JsonDocument reply) =>
        [.. reply.RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];

    private static string NormalizerJson(WordPieceTokenizerOptions options) =>
        $"{{\"cleanText\":{Json(options.CleanText ?? true)},\"handleChineseChars\":{Json(options.TokenizeChineseCharacters ?? true)},\"stripAccents\":{(options.StripAccents is bool strip ? Json(strip) : "null")},\"lowercase\":{Json(options.LowerCase ?? true)}}}";

    private static string Json(bool value) => value ? "true" : "false";

    private static void AppendJoined(StringBuilder text, params IReadOnlyList<string> values)
    {
        for (int index = 0; index < values.Count; index++)
        {
            text.Append(index == 0 ? "" : ",");
            AppendString(text, values[index]);
        }
    }

    // Every unit that is not printable ASCII is escaped, so that surrogates without their other half arrive as they are.
    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char unit in value)
        {
            if (unit is >= ' ' and <= '~' and not '"' and not '\\')
            {
                text.Append(unit);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }
        }

        text.Append('"');
    }
}
