namespace GoEmotions.Onnx.Training.Vocabularies;

/// <summary>The pieces found so far, each once, with their ids.</summary>
internal sealed class PieceList
{
    private readonly List<string> _pieces = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    public int Count => _pieces.Count;

    public IReadOnlyList<string> Pieces => _pieces;

    public string this[int id] => _pieces[id];

    public bool Contains(string piece) => _ids.ContainsKey(piece);

    public bool TryGetId(string piece, out int id) => _ids.TryGetValue(piece, out id);

    /// <summary>Adds a piece unless it is there, and returns its id.</summary>
    public int Add(string piece)
    {
        if (_ids.TryAdd(piece, _pieces.Count))
        {
            _pieces.Add(piece);
        }

        return _ids[piece];
    }
}
