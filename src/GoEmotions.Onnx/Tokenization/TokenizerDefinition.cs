using System.Globalization;
using System.Text.Json;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>What the files of a model directory say of its tokenizer.</summary>
internal sealed class TokenizerDefinition
{
    private const string VocabularyFile = "vocab.txt";
    private const string FastTokenizerFile = "tokenizer.json";
    private const string ConfigurationFile = "tokenizer_config.json";
    private const string SpecialTokensFile = "special_tokens_map.json";
    private const string AddedTokensFile = "added_tokens.json";

    /// <summary>The files of a model directory that a tokenizer is read from.</summary>
    public static ReadOnlySpan<string> FileNames => new[] { VocabularyFile, FastTokenizerFile, ConfigurationFile, SpecialTokensFile, AddedTokensFile };
    private const string Remedy = "Take the file that belongs to the model.";

    private readonly Dictionary<string, AddedToken> _addedTokens = new(StringComparer.Ordinal);
    private readonly HashSet<string> _specialContents = new(StringComparer.Ordinal);
    private WordPieceTokenizerOptions _options = new();
    private Vocabulary? _vocabulary;

    private TokenizerDefinition()
    {
    }

    public Vocabulary Vocabulary => _vocabulary!;

    /// <summary>Reads a model directory or a vocab.txt.</summary>
    public static TokenizerDefinition Read(string path)
    {
        var definition = new TokenizerDefinition();
        if (File.Exists(path))
        {
            definition._vocabulary = Vocabulary.Load(path);
            return definition;
        }

        if (!Directory.Exists(path))
        {
            throw new FileNotFoundException($"{path}: found neither a file nor a directory, expected a model directory or a {VocabularyFile}. Check the path.", path);
        }

        definition.ReadDirectory(path);
        return definition;
    }

    /// <summary>The files' options with those of the caller before them.</summary>
    public WordPieceTokenizerOptions Merge(WordPieceTokenizerOptions? options)
    {
        var added = new List<AddedToken>(_addedTokens.Values);
        if (options is null)
        {
            return _options with { AddedTokens = added };
        }

        added.AddRange(options.AddedTokens);
        return options with
        {
            LowerCase = options.LowerCase ?? _options.LowerCase,
            StripAccents = options.StripAccents ?? _options.StripAccents,
            TokenizeChineseCharacters = options.TokenizeChineseCharacters ?? _options.TokenizeChineseCharacters,
            CleanText = options.CleanText ?? _options.CleanText,
            MaxInputCharactersPerWord = options.MaxInputCharactersPerWord ?? _options.MaxInputCharactersPerWord,
            ContinuingSubwordPrefix = options.ContinuingSubwordPrefix ?? _options.ContinuingSubwordPrefix,
            UnknownToken = options.UnknownToken ?? _options.UnknownToken,
            ClassToken = options.ClassToken ?? _options.ClassToken,
            SeparatorToken = options.SeparatorToken ?? _options.SeparatorToken,
            PadToken = options.PadToken ?? _options.PadToken,
            MaskToken = options.MaskToken ?? _options.MaskToken,
            MaxLength = options.MaxLength ?? _options.MaxLength,
            AddedTokens = added,
        };
    }

    private void ReadDirectory(string directory)
    {
        string vocabularyPath = Path.Combine(directory, VocabularyFile);
        if (File.Exists(vocabularyPath))
        {
            _vocabulary = Vocabulary.Load(vocabularyPath);
        }

        // Later files go before earlier ones, member by member.
        ReadFile(directory, FastTokenizerFile, ReadFastTokenizer);
        ReadFile(directory, SpecialTokensFile, ReadSpecialTokens);
        ReadFile(directory, AddedTokensFile, ReadAddedTokens);
        ReadFile(directory, ConfigurationFile, ReadConfiguration);
        if (_vocabulary is null)
        {
            throw new FileNotFoundException($"{directory}: found neither {VocabularyFile} nor {FastTokenizerFile}, expected one of them. Check that this is the directory of a model.", vocabularyPath);
        }
    }

    private static void ReadFile(string directory, string name, Action<string, JsonElement> read)
    {
        string path = Path.Combine(directory, name);
        if (File.Exists(path))
        {
            using JsonDocument document = TokenizerFile.ReadJson(path);
            read(path, document.RootElement);
        }
    }

    private void ReadFastTokenizer(string path, JsonElement root)
    {
        if (root.TryGetProperty("model", out JsonElement model))
        {
            RequireType(path, "model", model, "WordPiece");
            _options = _options with
            {
                UnknownToken = Text(path, model, "unk_token") ?? _options.UnknownToken,
                ContinuingSubwordPrefix = Text(path, model, "continuing_subword_prefix") ?? _options.ContinuingSubwordPrefix,
                MaxInputCharactersPerWord = Number(path, model, "max_input_chars_per_word") ?? _options.MaxInputCharactersPerWord,
            };
            if (model.TryGetProperty("vocab", out JsonElement vocabulary))
            {
                if (_vocabulary is null)
                {
                    _vocabulary = ReadVocabulary(path, vocabulary);
                }
                else if (vocabulary.ValueKind == JsonValueKind.Object && vocabulary.GetPropertyCount() != _vocabulary.Count)
                {
                    Throw.InvalidData($"{path}: its vocabulary has {vocabulary.GetPropertyCount()} pieces, but {VocabularyFile} beside it has {_vocabulary.Count}, expected the same. {Remedy}");
                }
            }
        }

        if (root.TryGetProperty("normalizer", out JsonElement normalizer))
        {
            RequireType(path, "normalizer", normalizer, "BertNormalizer");
            _options = _options with
            {
                CleanText = Flag(path, normalizer, "clean_text"),
                TokenizeChineseCharacters = Flag(path, normalizer, "handle_chinese_chars"),
                StripAccents = Flag(path, normalizer, "strip_accents"),
                LowerCase = Flag(path, normalizer, "lowercase"),
            };
        }

        if (root.TryGetProperty("pre_tokenizer", out JsonElement preTokenizer))
        {
            RequireType(path, "pre_tokenizer", preTokenizer, "BertPreTokenizer");
        }

        if (root.TryGetProperty("added_tokens", out JsonElement addedTokens) && addedTokens.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement token in addedTokens.EnumerateArray())
            {
                Add(ReadAddedToken(path, "added_tokens", token, Number(path, token, "id")));
            }
        }
    }

    private static Vocabulary ReadVocabulary(string path, JsonElement vocabulary)
    {
        if (vocabulary.ValueKind != JsonValueKind.Object)
        {
            Throw.InvalidData($"{path}: 'model.vocab' is a JSON {vocabulary.ValueKind}, expected an object of pieces and ids. {Remedy}");
        }

        string[] pieces = new string[vocabulary.GetPropertyCount()];
        foreach (JsonProperty piece in vocabulary.EnumerateObject())
        {
            if (piece.Value.ValueKind != JsonValueKind.Number || !piece.Value.TryGetInt32(out int id) || (uint)id >= (uint)pieces.Length || pieces[id] is not null)
            {
                Throw.InvalidData($"{path}: piece '{piece.Name}' of 'model.vocab' has id {piece.Value.GetRawText()}, expected ids from 0 to {pieces.Length - 1}, each once. {Remedy}");
                return null;
            }

            pieces[id] = piece.Name;
        }

        return Vocabulary.CreateFrom(pieces, path);
    }

    private void ReadSpecialTokens(string path, JsonElement root)
    {
        _options = WithSpecialTokens(path, root);
        if (root.TryGetProperty("additional_special_tokens", out JsonElement additional) && additional.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement token in additional.EnumerateArray())
            {
                AddedToken added = ReadAddedToken(path, "additional_special_tokens", token, null) with { Special = true };

                // This list knows little but names; what tokenizer.json says of the token stays.
                Add(_addedTokens.TryGetValue(added.Content, out AddedToken? known)
                    ? known with { Special = true, Normalized = known.IsNormalized }
                    : added);
            }
        }
    }

    private WordPieceTokenizerOptions WithSpecialTokens(string path, JsonElement root)
    {
        return _options with
        {
            UnknownToken = SpecialToken(path, root, "unk_token") ?? _options.UnknownToken,
            ClassToken = SpecialToken(path, root, "cls_token") ?? _options.ClassToken,
            SeparatorToken = SpecialToken(path, root, "sep_token") ?? _options.SeparatorToken,
            PadToken = SpecialToken(path, root, "pad_token") ?? _options.PadToken,
            MaskToken = SpecialToken(path, root, "mask_token") ?? _options.MaskToken,
        };
    }

    private void ReadAddedTokens(string path, JsonElement root)
    {
        foreach (JsonProperty token in root.EnumerateObject())
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out int id))
            {
                Throw.InvalidData($"{path}: token '{token.Name}' has id {token.Value.GetRawText()}, expected a whole number. {Remedy}");
                return;
            }

            // This old file knows nothing but ids; what another file says of the token stays.
            Add(_addedTokens.TryGetValue(token.Name, out AddedToken? known)
                ? known with { Id = id }
                : new AddedToken(token.Name) { Id = id, Special = _specialContents.Contains(token.Name) });
        }
    }

    private void ReadConfiguration(string path, JsonElement root)
    {
        _options = WithSpecialTokens(path, root) with
        {
            LowerCase = Flag(path, root, "do_lower_case") ?? _options.LowerCase,
            StripAccents = Flag(path, root, "strip_accents") ?? _options.StripAccents,
            TokenizeChineseCharacters = Flag(path, root, "tokenize_chinese_chars") ?? _options.TokenizeChineseCharacters,
            MaxLength = MaximalLength(path, root) ?? _options.MaxLength,
        };
        if (!root.TryGetProperty("added_tokens_decoder", out JsonElement decoder) || decoder.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty token in decoder.EnumerateObject())
        {
            if (!int.TryParse(token.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                Throw.InvalidData($"{path}: 'added_tokens_decoder' has key '{token.Name}', expected an id. {Remedy}");
            }

            Add(ReadAddedToken(path, "added_tokens_decoder", token.Value, id));
        }
    }

    // Hugging Face writes 1e30 where a model has no limit.
    private static int? MaximalLength(string path, JsonElement root)
    {
        if (!root.TryGetProperty("model_max_length", out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !(value.GetDouble() >= 2))
        {
            Throw.InvalidData($"{path}: 'model_max_length' is {value.GetRawText()}, expected a number of at least 2. {Remedy}");
        }

        return (int)double.Min(value.GetDouble(), int.MaxValue);
    }

    private void Add(AddedToken token)
    {
        _addedTokens[token.Content] = token;
        if (token.Special)
        {
            _specialContents.Add(token.Content);
        }
    }

    private static AddedToken ReadAddedToken(string path, string member, JsonElement token, int? id)
    {
        if (token.ValueKind == JsonValueKind.String)
        {
            return new AddedToken(token.GetString()!) { Id = id };
        }

        string? content = token.ValueKind == JsonValueKind.Object ? Text(path, token, "content") : null;
        if (content is null)
        {
            return Throw.InvalidData<AddedToken>($"{path}: a token of '{member}' is {Shorten(token.GetRawText())}, expected an object with 'content'. {Remedy}");
        }

        return new AddedToken(content)
        {
            Id = id,
            Special = Flag(path, token, "special") ?? false,
            Normalized = Flag(path, token, "normalized"),
            SingleWord = Flag(path, token, "single_word") ?? false,
            StripLeft = Flag(path, token, "lstrip") ?? false,
            StripRight = Flag(path, token, "rstrip") ?? false,
        };
    }

    private static void RequireType(string path, string member, JsonElement element, string type)
    {
        string found = element.ValueKind == JsonValueKind.Object ? Text(path, element, "type") ?? "missing" : element.ValueKind.ToString();
        if (found != type)
        {
            Throw.InvalidData($"{path}: '{member}' is of type {found}, expected {type}. The model needs another kind of tokenizer.");
        }
    }

    // A string, or an object with the string as its content.
    private static string? SpecialToken(string path, JsonElement root, string name)
    {
        if (root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object)
        {
            return Text(path, value, "content");
        }

        return Text(path, root, name);
    }

    private static string? Text(string path, JsonElement element, string name) =>
        !TryGet(element, name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : Throw.InvalidData<string>($"{path}: '{name}' is {Shorten(value.GetRawText())}, expected a string. {Remedy}");

    private static bool? Flag(string path, JsonElement element, string name) =>
        !TryGet(element, name, out JsonElement value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : Throw.InvalidData<bool>($"{path}: '{name}' is {Shorten(value.GetRawText())}, expected true or false. {Remedy}");

    private static int? Number(string path, JsonElement element, string name) =>
        !TryGet(element, name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number
        : Throw.InvalidData<int>($"{path}: '{name}' is {Shorten(value.GetRawText())}, expected a whole number. {Remedy}");

    private static bool TryGet(JsonElement element, string name, out JsonElement value)
    {
        value = default;
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private static string Shorten(string json) => json.Length <= 40 ? json : json[..40] + "...";
}
