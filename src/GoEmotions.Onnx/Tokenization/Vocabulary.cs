using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>The pieces of a tokenizer, each with its id: the line number in vocab.txt, from 0. Immutable and thread-safe.</summary>
public sealed class Vocabulary
{
    private readonly string[] _pieces;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;

    private Vocabulary(string[] pieces, string source, bool byLine)
    {
        Source = source;
        _pieces = pieces;
        _ids = new Dictionary<string, int>(pieces.Length, StringComparer.Ordinal);
        for (int id = 0; id < pieces.Length; id++)
        {
            if (string.IsNullOrEmpty(pieces[id]) || !_ids.TryAdd(pieces[id], id))
            {
                ThrowUnusablePiece(id, byLine);
            }
        }

        if (pieces.Length == 0)
        {
            Throw.InvalidData($"{source}: found no piece, expected one piece a line. Take the vocabulary file that belongs to the model.");
        }

        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The number of pieces.</summary>
    public int Count => _pieces.Length;

    /// <summary>The pieces in the order of their ids.</summary>
    public ReadOnlySpan<string> Pieces => _pieces;

    /// <summary>The file, or what else to name in messages.</summary>
    internal string Source { get; }

    /// <summary>The piece with an id.</summary>
    /// <param name="id">From 0 to <see cref="Count"/>, exclusive.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="id"/> is outside that range.</exception>
    public string this[int id] => _pieces[id];

    /// <summary>Makes a vocabulary from pieces in the order of their ids.</summary>
    /// <param name="pieces">Distinct, non-empty pieces.</param>
    /// <returns>The vocabulary.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="pieces"/> is null.</exception>
    /// <exception cref="InvalidDataException">There is no piece, or one is empty or stands twice.</exception>
    public static Vocabulary Create(params IEnumerable<string> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        return new Vocabulary([.. pieces], "vocabulary", byLine: false);
    }

    /// <summary>Reads a vocab.txt: UTF-8, a piece a line, whitespace at the ends of lines ignored.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The vocabulary.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not UTF-8, holds no piece, or a line is empty or stands twice.</exception>
    public static Vocabulary Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string text = TokenizerFile.ReadText(path).TrimEnd();
        if (text.Length == 0)
        {
            return new Vocabulary([], path, byLine: true);
        }

        return new Vocabulary(SplitLines(text), path, byLine: true);
    }

    /// <summary>Finds a piece (ordinal, case-sensitive).</summary>
    /// <param name="piece">The piece looked for, with its <c>##</c>.</param>
    /// <param name="id">Its id, or -1.</param>
    /// <returns>Whether there is such a piece.</returns>
    public bool TryGetId(ReadOnlySpan<char> piece, out int id)
    {
        if (_idsBySpan.TryGetValue(piece, out id))
        {
            return true;
        }

        id = -1;
        return false;
    }

    /// <summary>Writes a vocab.txt.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var text = new StringBuilder(_pieces.Length * 8);
        foreach (string piece in _pieces)
        {
            text.Append(piece).Append('\n');
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    // Compiled at once: a loop that runs only once, at loading, would never leave unoptimised code (docs/tokenization.md has the figures).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static string[] SplitLines(string text)
    {
        string[] lines = new string[text.AsSpan().Count('\n') + 1];
        int start = 0;
        for (int line = 0; line < lines.Length; line++)
        {
            int length = text.AsSpan(start).IndexOf('\n');
            int end = length < 0 ? text.Length : start + length;
            lines[line] = new string(text.AsSpan(start..end).TrimEnd());
            start = end + 1;
        }

        return lines;
    }

    /// <summary>Makes a vocabulary whose messages name its file.</summary>
    internal static Vocabulary CreateFrom(string[] pieces, string source) => new(pieces, source, byLine: false);

    [DoesNotReturn]
    private void ThrowUnusablePiece(int id, bool byLine)
    {
        string where = byLine ? $"{Source}({id + 1})" : $"{Source}: id {id}";
        string found = "found an empty piece, expected a piece";
        if (!string.IsNullOrEmpty(_pieces[id]))
        {
            int other = _ids[_pieces[id]];
            found = $"piece '{_pieces[id]}' stands {(byLine ? $"in line {other + 1}" : $"at id {other}")} already, expected distinct pieces";
        }

        Throw.InvalidData($"{where}: {found}. Ids are {(byLine ? "line numbers: restore the line, do not remove it" : "places in the list: give each place its own piece")}.");
    }
}
