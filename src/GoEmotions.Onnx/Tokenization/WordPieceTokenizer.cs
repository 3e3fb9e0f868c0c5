using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>
/// The tokenizer of BERT: text to ids in the caller's spans, without managed allocation. Equal to Hugging Face's
/// <c>BertTokenizerFast</c> to the id. Immutable and thread-safe.
/// </summary>
/// <remarks>A surrogate without its other half counts as U+FFFD, which the clean-up removes.</remarks>
public sealed class WordPieceTokenizer
{
    private readonly WordPieceEncoder _encoder;
    private readonly Dictionary<int, AddedTokenEntry> _addedTokens = [];

    private WordPieceTokenizer(Vocabulary vocabulary, WordPieceTokenizerOptions options)
    {
        Vocabulary = vocabulary;
        Options = Resolve(options);
        Normalizer = new BertNormalizer(new BertNormalizerOptions
        {
            CleanText = Options.CleanText!.Value,
            HandleChineseCharacters = Options.TokenizeChineseCharacters!.Value,
            StripAccents = Options.StripAccents,
            LowerCase = Options.LowerCase!.Value,
        });
        List<AddedTokenEntry> added = ResolveAddedTokens();
        Options = Options with { AddedTokens = added.ConvertAll(entry => entry.Token).AsReadOnly() };
        IdCount = Vocabulary.Count;
        foreach (AddedTokenEntry entry in added)
        {
            IdCount = int.Max(IdCount, entry.Id + 1);
        }

        UnknownTokenId = RequireId(Options.UnknownToken!, nameof(Options.UnknownToken));
        ClassTokenId = RequireId(Options.ClassToken!, nameof(Options.ClassToken));
        SeparatorTokenId = RequireId(Options.SeparatorToken!, nameof(Options.SeparatorToken));
        PadTokenId = RequireId(Options.PadToken!, nameof(Options.PadToken));
        _encoder = new WordPieceEncoder(vocabulary, Normalizer, Options, added, UnknownTokenId);
    }

    /// <summary>The pieces, without the added tokens that it does not hold.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>How this tokenizer works, every member resolved.</summary>
    public WordPieceTokenizerOptions Options { get; }

    /// <summary>The normalisation before the text is split into words.</summary>
    public BertNormalizer Normalizer { get; }

    /// <summary>The id that fills up shorter texts of a batch.</summary>
    public int PadTokenId { get; }

    /// <summary>The id of a word that the vocabulary cannot spell.</summary>
    public int UnknownTokenId { get; }

    /// <summary>The id before every text.</summary>
    public int ClassTokenId { get; }

    /// <summary>The id after every text.</summary>
    public int SeparatorTokenId { get; }

    /// <summary>The model's longest sequence in tokens; <see cref="int.MaxValue"/> where no file says one.</summary>
    public int MaxLength => Options.MaxLength!.Value;

    /// <summary>The number of ids: the vocabulary and the added tokens beyond it. What an embedding table needs, in rows.</summary>
    public int IdCount { get; }

    /// <summary>Loads a tokenizer.</summary>
    /// <param name="path">
    /// A model directory or a vocab.txt. Of a directory, vocab.txt, tokenizer_config.json, special_tokens_map.json,
    /// added_tokens.json and tokenizer.json are read as present; tokenizer.json gives the vocabulary where there is no vocab.txt.
    /// </param>
    /// <param name="options">What goes before the files; <see langword="null"/>: the files alone.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="FileNotFoundException">There is no such file or directory, or the directory has no vocabulary.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is broken, or describes another kind of tokenizer, or a special token is not in the vocabulary.</exception>
    public static WordPieceTokenizer Load(string path, WordPieceTokenizerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TokenizerDefinition definition = TokenizerDefinition.Read(path);
        return new WordPieceTokenizer(definition.Vocabulary, definition.Merge(options));
    }

    /// <summary>Makes a tokenizer.</summary>
    /// <param name="vocabulary">The pieces.</param>
    /// <param name="options">How it works; <see langword="null"/>: as an uncased BERT.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="vocabulary"/> is null.</exception>
    /// <exception cref="InvalidDataException">A special token is not in the vocabulary, or an added token cannot be had.</exception>
    public static WordPieceTokenizer Create(Vocabulary vocabulary, WordPieceTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new WordPieceTokenizer(vocabulary, options ?? new WordPieceTokenizerOptions());
    }

    /// <summary>Writes [CLS], the text's ids and [SEP].</summary>
    /// <param name="text">Any text.</param>
    /// <param name="inputIds">At least 2 elements; what does not fit is cut off before [SEP].</param>
    /// <param name="truncated">Whether ids were cut off.</param>
    /// <returns>The number of ids written.</returns>
    /// <exception cref="ArgumentException"><paramref name="inputIds"/> has less than 2 elements.</exception>
    public int Encode(ReadOnlySpan<char> text, Span<long> inputIds, out bool truncated) => EncodeIds(text, inputIds, out truncated);

    /// <inheritdoc cref="Encode(ReadOnlySpan{char}, Span{long}, out bool)"/>
    public int Encode(ReadOnlySpan<char> text, Span<int> inputIds, out bool truncated) => EncodeIds(text, inputIds, out truncated);

    /// <summary>Counts the ids of a text, [CLS] and [SEP] included.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The number of ids that <c>Encode</c> writes where nothing is cut off.</returns>
    public int CountTokens(ReadOnlySpan<char> text)
    {
        IdWriter<int> writer = IdWriter<int>.Counting;
        _encoder.Encode(text, ref writer);
        return writer.Count + 2;
    }

    /// <summary>Splits a text into [CLS], its pieces and [SEP], with their places in the text. Allocates.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxLength">The most pieces returned, at least 2; what does not fit is cut off before [SEP].</param>
    /// <returns>The pieces, their ids those that <c>Encode</c> writes.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is less than 2.</exception>
    public IReadOnlyList<Token> Tokenize(ReadOnlySpan<char> text, int maxLength = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        var writer = new TokenWriter(this, maxLength - 1);
        writer.Write(ClassTokenId, 0, 0);
        _encoder.EncodeNormalized(text, ref writer);
        writer.Tokens.Add(new Token(GetPiece(SeparatorTokenId), SeparatorTokenId, 0, 0));
        return writer.Tokens;
    }

    /// <summary>Turns ids back into text, as Hugging Face's WordPiece decoder with clean-up does. Ids of no piece are passed over.</summary>
    /// <param name="ids">Ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <returns>The text; case, accents and spacing that the tokenizer took away do not come back.</returns>
    public string Decode(ReadOnlySpan<long> ids, bool skipSpecialTokens = true)
    {
        var text = new StringBuilder(ids.Length * 5);
        bool first = true;
        foreach (long id in ids)
        {
            string piece;
            if (id == (int)id && _addedTokens.TryGetValue((int)id, out AddedTokenEntry? added))
            {
                if (skipSpecialTokens && added.Token.Special)
                {
                    continue;
                }

                // As the reference does since 0.23: a token that is looked for in normalised form is also shown in it.
                piece = added.Token.IsNormalized ? Normalizer.Normalize(added.Token.Content) : added.Token.Content;
            }
            else if ((ulong)id < (ulong)Vocabulary.Count)
            {
                piece = Vocabulary[(int)id];
            }
            else
            {
                continue;
            }

            WordPieceDecoder.Append(text, piece, Options.ContinuingSubwordPrefix!, first);
            first = false;
        }

        return text.ToString();
    }

    /// <summary>The text of a piece or added token.</summary>
    /// <param name="id">An id.</param>
    /// <returns>The piece, with its <c>##</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No piece and no added token has this id.</exception>
    public string GetPiece(int id)
    {
        if (_addedTokens.TryGetValue(id, out AddedTokenEntry? added))
        {
            return added.Token.Content;
        }

        if ((uint)id >= (uint)Vocabulary.Count)
        {
            ThrowNoPiece(id);
        }

        return Vocabulary[id];
    }

    /// <summary>The scans, each of which tests can force.</summary>
    internal WordPieceEncoder Encoder => _encoder;

    private int EncodeIds<T>(ReadOnlySpan<char> text, Span<T> inputIds, out bool truncated)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (inputIds.Length < 2)
        {
            Throw.Argument($"'{nameof(inputIds)}' has {inputIds.Length} elements, expected at least 2, for [CLS] and [SEP]. Pass a longer span.", nameof(inputIds));
        }

        var writer = new IdWriter<T>(inputIds[..^1]);
        writer.Write(ClassTokenId);
        _encoder.Encode(text, ref writer);
        truncated = writer.Truncated;
        inputIds[writer.Count] = T.CreateTruncating(SeparatorTokenId);
        return writer.Count + 1;
    }

    private static WordPieceTokenizerOptions Resolve(WordPieceTokenizerOptions options)
    {
        bool lowerCase = options.LowerCase ?? true;
        WordPieceTokenizerOptions resolved = options with
        {
            LowerCase = lowerCase,
            StripAccents = options.StripAccents ?? lowerCase,
            TokenizeChineseCharacters = options.TokenizeChineseCharacters ?? true,
            CleanText = options.CleanText ?? true,
            MaxInputCharactersPerWord = options.MaxInputCharactersPerWord ?? 100,
            ContinuingSubwordPrefix = options.ContinuingSubwordPrefix ?? "##",
            UnknownToken = options.UnknownToken ?? "[UNK]",
            ClassToken = options.ClassToken ?? "[CLS]",
            SeparatorToken = options.SeparatorToken ?? "[SEP]",
            PadToken = options.PadToken ?? "[PAD]",
            MaskToken = options.MaskToken ?? "[MASK]",
            MaxLength = options.MaxLength ?? int.MaxValue,
        };
        if (resolved.MaxInputCharactersPerWord < 0)
        {
            Throw.InvalidData($"{nameof(resolved.MaxInputCharactersPerWord)} is {resolved.MaxInputCharactersPerWord}, expected 0 or more.");
        }

        if (resolved.MaxLength < 2)
        {
            Throw.InvalidData($"{nameof(MaxLength)} is {resolved.MaxLength}, expected at least 2, for [CLS] and [SEP].");
        }

        return resolved;
    }

    private List<AddedTokenEntry> ResolveAddedTokens()
    {
        var tokens = new List<AddedToken>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string special in (ReadOnlySpan<string>)[Options.UnknownToken!, Options.SeparatorToken!, Options.PadToken!, Options.ClassToken!, Options.MaskToken!])
        {
            if (Vocabulary.TryGetId(special, out _))
            {
                Add(new AddedToken(special) { Special = true });
            }
        }

        foreach (AddedToken token in Options.AddedTokens)
        {
            Add(token);
        }

        int next = Vocabulary.Count;
        foreach (AddedToken token in tokens)
        {
            next = int.Max(next, (token.Id ?? -1) + 1);
        }

        var entries = new List<AddedTokenEntry>(tokens.Count);
        foreach (AddedToken token in tokens)
        {
            if (!Vocabulary.TryGetId(token.Content, out int id))
            {
                id = token.Id ?? next++;
            }

            RequireFreeId(token, id);
            string pattern = token.IsNormalized ? Normalizer.Normalize(token.Content) : token.Content;
            var entry = new AddedTokenEntry(token with { Id = id }, id, CodePointsOf(pattern));
            _addedTokens.Add(id, entry);
            entries.Add(entry);
        }

        return entries;

        void Add(AddedToken token)
        {
            if (token.Content.Length == 0)
            {
                return;
            }

            if (places.TryAdd(token.Content, tokens.Count))
            {
                tokens.Add(token);
            }
            else
            {
                tokens[places[token.Content]] = token;
            }
        }
    }

    private void RequireFreeId(AddedToken token, int id)
    {
        if (_addedTokens.TryGetValue(id, out AddedTokenEntry? other))
        {
            Throw.InvalidData($"{Vocabulary.Source}: added tokens '{other.Token.Content}' and '{token.Content}' both ask for id {id}, expected distinct ids. Leave one of the ids out.");
        }

        if ((uint)id < (uint)Vocabulary.Count ? Vocabulary[id] != token.Content : id < 0)
        {
            string taken = id < 0 ? "below 0" : $"that of piece '{Vocabulary[id]}'";
            Throw.InvalidData($"{Vocabulary.Source}: added token '{token.Content}' asks for id {id}, {taken}, expected an id from {Vocabulary.Count} on. Leave the id out.");
        }
    }

    private static int[] CodePointsOf(string text)
    {
        var codePoints = new List<int>(text.Length);
        for (int index = 0; index < text.Length;)
        {
            codePoints.Add(CharacterTable.ReadCodePoint(text, ref index));
        }

        return [.. codePoints];
    }

    private int RequireId(string content, string option)
    {
        if (Vocabulary.TryGetId(content, out int id))
        {
            return id;
        }

        foreach (AddedTokenEntry entry in _addedTokens.Values)
        {
            if (entry.Token.Content == content)
            {
                return entry.Id;
            }
        }

        return Throw.InvalidData<int>($"{Vocabulary.Source}: found no piece '{content}' among {Vocabulary.Count}, expected it as the {nameof(WordPieceTokenizerOptions)}.{option}. Take the vocabulary that belongs to the model, or name the token it uses.");
    }

    [DoesNotReturn]
    private void ThrowNoPiece(int id) =>
        throw new ArgumentOutOfRangeException(nameof(id), $"found id {id}, expected one of the {Vocabulary.Count} pieces or {_addedTokens.Count} added tokens");
}
