using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Tests.Tokenization;

public sealed class WordPieceTokenizerLoadTests
{
    private const string Vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\n##s\nThe\n";

    [Theory]
    [InlineData(Vocabulary)]
    [InlineData("\uFEFF" + Vocabulary + "\n\n")]
    [InlineData("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\nthe\r\ncat \r\n##s\r\nThe")]
    public void Load_VocabularyFile_IgnoresLineEndingsAndByteOrderMark(string text)
    {
        using var folder = new TemporaryFolder();
        var tokenizer = WordPieceTokenizer.Load(folder.Write("vocab.txt", text));
        Assert.Equal(9, tokenizer.Vocabulary.Count);
        Assert.Equal("cat", tokenizer.GetPiece(6));
        Assert.Equal((0, 1, 2, 3), (tokenizer.PadTokenId, tokenizer.UnknownTokenId, tokenizer.ClassTokenId, tokenizer.SeparatorTokenId));
        Assert.Equal(int.MaxValue, tokenizer.MaxLength);
    }

    [Theory]
    [InlineData("", "vocab.txt: found no piece, expected one piece a line. Take the vocabulary file that belongs to the model.")]
    [InlineData("\n \n", "vocab.txt: found no piece, expected one piece a line. Take the vocabulary file that belongs to the model.")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\ncat\n[UNK]\n", "vocab.txt(6): piece '[UNK]' stands in line 2 already, expected distinct pieces. Ids are line numbers: restore the line, do not remove it.")]
    [InlineData("[PAD]\n[UNK]\n\n[CLS]\n[SEP]\n", "vocab.txt(3): found an empty piece, expected a piece. Ids are line numbers: restore the line, do not remove it.")]
    [InlineData("[PAD]\n[CLS]\n[SEP]\ncat\n", "vocab.txt: found no piece '[UNK]' among 4, expected it as the WordPieceTokenizerOptions.UnknownToken. Take the vocabulary that belongs to the model, or name the token it uses.")]
    [InlineData("[PAD]\n[UNK]\n[SEP]\ncat\n", "vocab.txt: found no piece '[CLS]' among 4, expected it as the WordPieceTokenizerOptions.ClassToken. Take the vocabulary that belongs to the model, or name the token it uses.")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\ncat\n", "vocab.txt: found no piece '[SEP]' among 4, expected it as the WordPieceTokenizerOptions.SeparatorToken. Take the vocabulary that belongs to the model, or name the token it uses.")]
    [InlineData("[UNK]\n[CLS]\n[SEP]\ncat\n", "vocab.txt: found no piece '[PAD]' among 4, expected it as the WordPieceTokenizerOptions.PadToken. Take the vocabulary that belongs to the model, or name the token it uses.")]
    public void Load_BrokenVocabulary_NamesFileAndLine(string text, string message)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("vocab.txt", text);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(path));
        Assert.Equal(folder[message], error.Message);
    }

    [Fact]
    public void Load_VocabularyNotUtf8_NamesTheLine()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("vocab.txt", (ReadOnlySpan<byte>)[(byte)'a', (byte)'\n', (byte)'b', 0xE9, (byte)'\n']);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(path));
        Assert.Equal($"{path}(2): found bytes that are not UTF-8, expected UTF-8 text. Convert the file.", error.Message);
    }

    [Fact]
    public void Load_PathToNothing_SaysSo()
    {
        using var folder = new TemporaryFolder();
        string path = folder["missing"];
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => WordPieceTokenizer.Load(path));
        Assert.Equal($"{path}: found neither a file nor a directory, expected a model directory or a vocab.txt. Check the path.", error.Message);
        error = Assert.Throws<FileNotFoundException>(() => WordPieceTokenizer.Load(folder.Root));
        Assert.Equal($"{folder.Root}: found neither vocab.txt nor tokenizer.json, expected one of them. Check that this is the directory of a model.", error.Message);
        Assert.Throws<ArgumentException>(() => WordPieceTokenizer.Load(""));
    }

    [Theory]
    [InlineData("{\n  \"do_lower_case\": tru\n}", "tokenizer_config.json(2): found broken JSON at byte 22 of the line, expected an object. Take the file that belongs to the model.")]
    [InlineData("[1]", "tokenizer_config.json(1): found a JSON Array, expected an object. Take the file that belongs to the model.")]
    [InlineData("", "tokenizer_config.json(1): found broken JSON at byte 0 of the line, expected an object. Take the file that belongs to the model.")]
    [InlineData("{\"do_lower_case\": \"yes\"}", "tokenizer_config.json: 'do_lower_case' is \"yes\", expected true or false. Take the file that belongs to the model.")]
    [InlineData("{\"unk_token\": 7}", "tokenizer_config.json: 'unk_token' is 7, expected a string. Take the file that belongs to the model.")]
    [InlineData("{\"model_max_length\": 0}", "tokenizer_config.json: 'model_max_length' is 0, expected a number of at least 2. Take the file that belongs to the model.")]
    [InlineData("{\"added_tokens_decoder\": {\"x\": {\"content\": \"a\"}}}", "tokenizer_config.json: 'added_tokens_decoder' has key 'x', expected an id. Take the file that belongs to the model.")]
    [InlineData("{\"added_tokens_decoder\": {\"9\": {}}}", "tokenizer_config.json: a token of 'added_tokens_decoder' is {}, expected an object with 'content'. Take the file that belongs to the model.")]
    public void Load_BrokenConfiguration_NamesFileAndPlace(string configuration, string message)
    {
        using var folder = new TemporaryFolder();
        folder.Write("vocab.txt", Vocabulary);
        folder.Write("tokenizer_config.json", configuration);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(folder.Root));
        Assert.Equal(folder[message], error.Message);
    }

    [Theory]
    [InlineData("{\"model\": {\"type\": \"BPE\"}}", "tokenizer.json: 'model' is of type BPE, expected WordPiece. The model needs another kind of tokenizer.")]
    [InlineData("{\"normalizer\": {\"type\": \"NFC\"}}", "tokenizer.json: 'normalizer' is of type NFC, expected BertNormalizer. The model needs another kind of tokenizer.")]
    [InlineData("{\"pre_tokenizer\": null}", "tokenizer.json: 'pre_tokenizer' is of type Null, expected BertPreTokenizer. The model needs another kind of tokenizer.")]
    [InlineData("{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 0, \"b\": 2}}}", "tokenizer.json: piece 'b' of 'model.vocab' has id 2, expected ids from 0 to 1, each once. Take the file that belongs to the model.")]
    [InlineData("{\"model\": {\"type\": \"WordPiece\", \"vocab\": [\"a\"]}}", "tokenizer.json: 'model.vocab' is a JSON Array, expected an object of pieces and ids. Take the file that belongs to the model.")]
    public void Load_OtherKindOfTokenizer_SaysWhichIsExpected(string tokenizer, string message)
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", tokenizer);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(folder.Root));
        Assert.Equal(folder[message], error.Message);
    }

    [Fact]
    public void Load_AddedTokensJson_WithAnIdTwice_NamesBoth()
    {
        using var folder = new TemporaryFolder();
        folder.Write("vocab.txt", Vocabulary);
        folder.Write("added_tokens.json", "{\"[A]\": 9, \"[B]\": 9}");
        Assert.Contains("added tokens '[A]' and '[B]' both ask for id 9", Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(folder.Root)).Message, StringComparison.Ordinal);
        folder.Write("added_tokens.json", "{\"[A]\": 6}");
        Assert.Contains("added token '[A]' asks for id 6, that of piece 'cat', expected an id from 9 on", Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Directory_ReadsItsFilesAndTheCallerGoesFirst()
    {
        using var folder = new TemporaryFolder();
        folder.Write("vocab.txt", Vocabulary);
        folder.Write("tokenizer.json", """{"added_tokens": [{"id": 9, "content": "[NAME]", "special": true, "normalized": false}], "normalizer": {"type": "BertNormalizer", "lowercase": true, "clean_text": true, "handle_chinese_chars": false, "strip_accents": null}, "pre_tokenizer": {"type": "BertPreTokenizer"}, "model": {"type": "WordPiece", "unk_token": "[UNK]", "max_input_chars_per_word": 50, "continuing_subword_prefix": "##", "vocab": {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5, "g": 6, "h": 7, "i": 8}}}""");
        folder.Write("special_tokens_map.json", """{"unk_token": {"content": "[UNK]"}, "additional_special_tokens": ["[NAME]", "[GOD]"]}""");
        folder.Write("added_tokens.json", """{"[GOD]": 11}""");
        folder.Write("tokenizer_config.json", """{"do_lower_case": false, "model_max_length": 512}""");

        var tokenizer = WordPieceTokenizer.Load(folder.Root);
        Assert.Equal((false, false, false, 50, 512), (tokenizer.Options.LowerCase, tokenizer.Options.StripAccents, tokenizer.Options.TokenizeChineseCharacters, tokenizer.Options.MaxInputCharactersPerWord, tokenizer.MaxLength));
        Assert.Equal([2, 8, 6, 9, 11, 3], tokenizer.Tokenize("The cat [NAME][GOD]").Select(token => token.Id));
        Assert.Equal("The cat", tokenizer.Decode([2, 8, 6, 9, 11, 3], skipSpecialTokens: true));
        Assert.Equal(12, tokenizer.IdCount);

        tokenizer = WordPieceTokenizer.Load(folder.Root, new WordPieceTokenizerOptions { LowerCase = true, MaxLength = 64, AddedTokens = [new AddedToken("cats")] });
        Assert.Equal([2, 5, 12, 3], tokenizer.Tokenize("The cats").Select(token => token.Id));
        Assert.Equal(64, tokenizer.MaxLength);
    }

    [Fact]
    public void Load_VocabulariesOfDifferentSizes_IsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("vocab.txt", Vocabulary);
        string file = folder.Write("tokenizer.json", """{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "a": 1}}}""");
        Assert.Equal(
            $"{file}: its vocabulary has 2 pieces, but vocab.txt beside it has 9, expected the same. Take the file that belongs to the model.",
            Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(folder.Root)).Message);
    }

    [Fact]
    public void Load_NoVocabularyFile_TakesThatOfTokenizerJson()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", """{"model": {"type": "WordPiece", "vocab": {"cat": 4, "[PAD]": 0, "[CLS]": 2, "[UNK]": 1, "[SEP]": 3}}}""");
        folder.Write("tokenizer_config.json", """{"model_max_length": 1000000000000000019884624838656}""");
        var tokenizer = WordPieceTokenizer.Load(folder.Root);
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "cat"], tokenizer.Vocabulary.Pieces.ToArray());
        Assert.Equal(int.MaxValue, tokenizer.MaxLength);
    }

    [Fact]
    public void Create_OptionOutOfRange_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Create(SmallVocabulary.Vocabulary, new WordPieceTokenizerOptions { MaxLength = 1 }));
        Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Create(SmallVocabulary.Vocabulary, new WordPieceTokenizerOptions { MaxInputCharactersPerWord = -1 }));
    }

    [Fact]
    public void Vocabulary_PieceTwiceOrEmpty_NamesTheIds()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Onnx.Tokenization.Vocabulary.Create("a", "b", "a"));
        Assert.Equal("vocabulary: id 2: piece 'a' stands at id 0 already, expected distinct pieces. Ids are places in the list: give each place its own piece.", error.Message);
        error = Assert.Throws<InvalidDataException>(() => Onnx.Tokenization.Vocabulary.Create("a", ""));
        Assert.Equal("vocabulary: id 1: found an empty piece, expected a piece. Ids are places in the list: give each place its own piece.", error.Message);
        Assert.Throws<InvalidDataException>(() => Onnx.Tokenization.Vocabulary.Create());
    }

    [Fact]
    public void Vocabulary_SavedAndLoaded_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        SmallVocabulary.Vocabulary.Save(folder["vocab.txt"]);
        Assert.Equal(SmallVocabulary.Vocabulary.Pieces.ToArray(), Onnx.Tokenization.Vocabulary.Load(folder["vocab.txt"]).Pieces.ToArray());
    }
}
