using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Training.Export;

/// <summary>Writes a tokenizer as the files that Hugging Face's libraries and <see cref="WordPieceTokenizer.Load"/> read.</summary>
public static class TokenizerFiles
{
    // What Hugging Face writes where a model has no limit.
    private const double NoLimit = 1e30;

    private static readonly JsonWriterOptions Format = new()
    {
        Indented = true,
        NewLine = "\n",

        // Pieces of other scripts stay readable; the files are JSON, never HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// Writes vocab.txt, tokenizer.json (the whole tokenizer), tokenizer_config.json and special_tokens_map.json. Files
    /// of these names are replaced; a caller that must not leave half of them writes to a new directory and renames it.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="directory">The directory, made if it does not exist.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tokenizer"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="directory"/> is null or empty.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(WordPieceTokenizer tokenizer, string directory)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        tokenizer.Vocabulary.Save(Path.Combine(directory, "vocab.txt"));
        WriteJson(Path.Combine(directory, "tokenizer.json"), tokenizer, WriteFastTokenizer);
        WriteJson(Path.Combine(directory, "tokenizer_config.json"), tokenizer, WriteConfiguration);
        WriteJson(Path.Combine(directory, "special_tokens_map.json"), tokenizer, (json, source) => WriteSpecialTokens(json, source));
    }

    private static void WriteJson(string path, WordPieceTokenizer tokenizer, Action<Utf8JsonWriter, WordPieceTokenizer> write)
    {
        using FileStream stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, Format);
        json.WriteStartObject();
        write(json, tokenizer);
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    private static void WriteFastTokenizer(Utf8JsonWriter json, WordPieceTokenizer tokenizer)
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (AddedToken token in tokenizer.Options.AddedTokens.OrderBy(token => token.Id))
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id!.Value);
            WriteAddedToken(json, token);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        BertNormalizerOptions normalizer = tokenizer.Normalizer.Options;
        json.WriteStartObject("normalizer");
        json.WriteString("type", "BertNormalizer");
        json.WriteBoolean("clean_text", normalizer.CleanText);
        json.WriteBoolean("handle_chinese_chars", normalizer.HandleChineseCharacters);
        WriteStripAccents(json, tokenizer);
        json.WriteBoolean("lowercase", normalizer.LowerCase);
        json.WriteEndObject();

        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "BertPreTokenizer");
        json.WriteEndObject();

        WritePostProcessor(json, tokenizer);

        json.WriteStartObject("decoder");
        json.WriteString("type", "WordPiece");
        json.WriteString("prefix", tokenizer.Options.ContinuingSubwordPrefix);
        json.WriteBoolean("cleanup", true);
        json.WriteEndObject();

        json.WriteStartObject("model");
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", tokenizer.Options.UnknownToken);
        json.WriteString("continuing_subword_prefix", tokenizer.Options.ContinuingSubwordPrefix);
        json.WriteNumber("max_input_chars_per_word", tokenizer.Options.MaxInputCharactersPerWord!.Value);
        json.WriteStartObject("vocab");
        for (int id = 0; id < tokenizer.Vocabulary.Count; id++)
        {
            json.WriteNumber(tokenizer.Vocabulary[id], id);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    // [CLS] text [SEP], and [CLS] text [SEP] text [SEP] with the second text of type 1.
    private static void WritePostProcessor(Utf8JsonWriter json, WordPieceTokenizer tokenizer)
    {
        string start = tokenizer.Options.ClassToken!;
        string end = tokenizer.Options.SeparatorToken!;
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        json.WriteStartArray("single");
        WriteTemplate(json, "SpecialToken", start, 0);
        WriteTemplate(json, "Sequence", "A", 0);
        WriteTemplate(json, "SpecialToken", end, 0);
        json.WriteEndArray();
        json.WriteStartArray("pair");
        WriteTemplate(json, "SpecialToken", start, 0);
        WriteTemplate(json, "Sequence", "A", 0);
        WriteTemplate(json, "SpecialToken", end, 0);
        WriteTemplate(json, "Sequence", "B", 1);
        WriteTemplate(json, "SpecialToken", end, 1);
        json.WriteEndArray();
        json.WriteStartObject("special_tokens");
        WriteTemplateToken(json, start, tokenizer.ClassTokenId);
        WriteTemplateToken(json, end, tokenizer.SeparatorTokenId);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTemplate(Utf8JsonWriter json, string kind, string id, int type)
    {
        json.WriteStartObject();
        json.WriteStartObject(kind);
        json.WriteString("id", id);
        json.WriteNumber("type_id", type);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTemplateToken(Utf8JsonWriter json, string token, int id)
    {
        json.WriteStartObject(token);
        json.WriteString("id", token);
        json.WriteStartArray("ids");
        json.WriteNumberValue(id);
        json.WriteEndArray();
        json.WriteStartArray("tokens");
        json.WriteStringValue(token);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteConfiguration(Utf8JsonWriter json, WordPieceTokenizer tokenizer)
    {
        json.WriteString("tokenizer_class", "BertTokenizer");
        json.WriteBoolean("do_lower_case", tokenizer.Normalizer.Options.LowerCase);
        WriteStripAccents(json, tokenizer);
        json.WriteBoolean("tokenize_chinese_chars", tokenizer.Normalizer.Options.HandleChineseCharacters);
        json.WriteBoolean("clean_up_tokenization_spaces", true);
        if (tokenizer.MaxLength == int.MaxValue)
        {
            json.WriteNumber("model_max_length", NoLimit);
        }
        else
        {
            json.WriteNumber("model_max_length", tokenizer.MaxLength);
        }

        WriteSpecialTokens(json, tokenizer);
        json.WriteStartObject("added_tokens_decoder");
        foreach (AddedToken token in tokenizer.Options.AddedTokens.OrderBy(token => token.Id))
        {
            json.WriteStartObject(token.Id!.Value.ToString(CultureInfo.InvariantCulture));
            WriteAddedToken(json, token);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteSpecialTokens(Utf8JsonWriter json, WordPieceTokenizer tokenizer)
    {
        WordPieceTokenizerOptions options = tokenizer.Options;
        json.WriteString("unk_token", options.UnknownToken);
        json.WriteString("sep_token", options.SeparatorToken);
        json.WriteString("pad_token", options.PadToken);
        json.WriteString("cls_token", options.ClassToken);

        // A mask token that the vocabulary lacks would be added by a reader, with an id that the model has no embedding for.
        string?[] named = [options.UnknownToken, options.SeparatorToken, options.PadToken, options.ClassToken, options.MaskToken];
        if (options.AddedTokens.Any(token => token.Content == options.MaskToken))
        {
            json.WriteString("mask_token", options.MaskToken);
        }

        List<AddedToken> additional = [.. options.AddedTokens.Where(token => token.Special && !named.Contains(token.Content))];
        if (additional.Count > 0)
        {
            json.WriteStartArray("additional_special_tokens");
            foreach (AddedToken token in additional)
            {
                json.WriteStringValue(token.Content);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteAddedToken(Utf8JsonWriter json, AddedToken token)
    {
        json.WriteString("content", token.Content);
        json.WriteBoolean("single_word", token.SingleWord);
        json.WriteBoolean("lstrip", token.StripLeft);
        json.WriteBoolean("rstrip", token.StripRight);
        json.WriteBoolean("normalized", token.Normalized ?? !token.Special);
        json.WriteBoolean("special", token.Special);
    }

    // Null means: as lower-casing, and is what the files of the original models say.
    private static void WriteStripAccents(Utf8JsonWriter json, WordPieceTokenizer tokenizer)
    {
        BertNormalizerOptions normalizer = tokenizer.Normalizer.Options;
        if (normalizer.StripAccents is bool strip && strip != normalizer.LowerCase)
        {
            json.WriteBoolean("strip_accents", strip);
        }
        else
        {
            json.WriteNull("strip_accents");
        }
    }
}
