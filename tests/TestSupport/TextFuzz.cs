using System.Text;

namespace GoEmotions.Onnx.TestSupport;

/// <summary>Texts that try a tokenizer: every Unicode block, marks in any order, broken surrogates, long words. The same for the same seed.</summary>
internal sealed class TextFuzz(int seed, IReadOnlyList<string> pieces)
{
    private static readonly string[] Snippets =
    [
        "[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]", "[mask]", "[NAME]", "[RELIGION]", "[name]", "[", "]", "[[SEP]]", "[SEP", "##", "##ing",
        "\u0000", "\u0001", "\t", "\n", "\r", "\r\n", "\u000b", "\u000c", "\u0085", "\u00a0", "\u00ad", "\u1680", "\u180e", "\u2000", "\u2003",
        "\u2028", "\u2029", "\u200b", "\u200c", "\u200d", "\u200e", "\u202e", "\u2060", "\u3000", "\ufeff", "\ufffd", "\ufffe", "\uffff",
        "\ud800", "\udc00", "\udbff\ud83d", "\ud83d\ude00", "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67", "\u2764\ufe0f", "\ud83c\uddfa\ud83c\uddf8",
        "e\u0301", "\u00e9", "\u0130", "I\u0307", "\u0131", "\u00df", "\u1e9e", "\u01c5", "\u03a3\u03c2\u03c3", "\u212b", "\u2126", "\ufb01", "\u1f80", "\u0344", "\u0345",
        "\u0f73", "\u0f75", "\u302e", "\u302f", "\ud834\udd5e", "\ud834\udd65", "\ud834\udd6d", "\u0958", "\u09cb", "\uac00", "\ud55c\uad6d\uc5b4", "\u1112\u1161\u11ab",
        "\u4e2d\u6587", "\u3042\u30a2", "\uf900", "\ud87e\udc00", "\ud840\udc00", "\u037e", "\u1fef", "\u226e", "\u2260", "'", "don't", "...", "|>+^`~$<=", "_", "\u2019", "\u2026", "a", "x",
    ];

    private readonly Random _random = new(seed);

    public IEnumerable<string> Texts(int count)
    {
        for (int index = 0; index < count; index++)
        {
            yield return Text();
        }
    }

    private string Text()
    {
        var text = new StringBuilder();
        int parts = 1 + _random.Next(12);
        int block = _random.Next(0x1100) << 8;
        for (int part = 0; part < parts; part++)
        {
            switch (_random.Next(12))
            {
                case 0:
                    AppendCodePoints(text, 0, 0x110000);
                    break;
                case 1:
                    AppendCodePoints(text, 0, 0x3000);
                    break;
                case 2:
                    AppendCodePoints(text, block, 0x100);
                    break;
                case 3:
                    AppendCodePoints(text, 0x1_0000, 0x1_0000);
                    break;
                case 4:
                    text.Append(pieces[_random.Next(pieces.Count)]);
                    AppendMarks(text);
                    break;
                case 5:
                    text.Append(Snippets[_random.Next(Snippets.Length)]);
                    break;
                case 6:
                    // About the longest word: 100 characters, before and after marks are dropped.
                    AppendLongWord(text, 85 + _random.Next(30));
                    break;
                case 7:
                    text.Append((char)_random.Next(0x80));
                    break;
                case 8:
                    text.Append((char)_random.Next(0x10000));
                    break;
                default:
                    string piece = pieces[_random.Next(pieces.Count)];
                    text.Append(_random.Next(3) == 0 ? piece.ToUpperInvariant() : piece);
                    break;
            }

            text.Append(_random.Next(3) == 0 ? "" : " ");
        }

        return text.ToString();
    }

    private void AppendCodePoints(StringBuilder text, int start, int length)
    {
        for (int remaining = 1 + _random.Next(5); remaining > 0; remaining--)
        {
            int codePoint = start + _random.Next(length);
            text.Append(codePoint < 0x10000 ? ((char)codePoint).ToString() : char.ConvertFromUtf32(codePoint));
        }
    }

    private void AppendMarks(StringBuilder text)
    {
        for (int remaining = _random.Next(4); remaining > 0; remaining--)
        {
            text.Append(_random.Next(4) switch
            {
                0 => (char)(0x300 + _random.Next(0x70)),
                1 => (char)(0x591 + _random.Next(0x60)),
                2 => "\u302e\u302f\u3099\u0f71\u0f72\u0f74\u0345\u0334\u0327\u05b0"[_random.Next(10)],
                _ => (char)(0x1ab0 + _random.Next(0x50)),
            });
        }
    }

    private void AppendLongWord(StringBuilder text, int length)
    {
        bool marks = _random.Next(3) == 0;
        bool wide = _random.Next(4) == 0;
        for (int index = 0; index < length; index++)
        {
            text.Append(wide && _random.Next(3) == 0 ? "\ud83d\ude00" : ((char)('a' + _random.Next(26))).ToString());
            text.Append(marks && _random.Next(8) == 0 ? "\u0301" : "");
        }
    }
}
