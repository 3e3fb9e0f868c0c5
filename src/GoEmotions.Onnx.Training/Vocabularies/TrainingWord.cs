namespace GoEmotions.Onnx.Training.Vocabularies;

/// <summary>A distinct word of the texts as the pieces that spell it now.</summary>
internal sealed class TrainingWord(int[] pieces, int count)
{
    private int _length = pieces.Length;

    /// <summary>How often the word occurs.</summary>
    public int Count => count;

    public ReadOnlySpan<int> Pieces => pieces.AsSpan(0, _length);

    /// <summary>Replaces each occurrence of a pair, from the left.</summary>
    public void Merge(PiecePair pair, int merged)
    {
        int length = 0;
        for (int index = 0; index < _length; index++)
        {
            bool matches = index + 1 < _length && pieces[index] == pair.Left && pieces[index + 1] == pair.Right;
            pieces[length++] = matches ? merged : pieces[index];
            index += matches ? 1 : 0;
        }

        _length = length;
    }
}
