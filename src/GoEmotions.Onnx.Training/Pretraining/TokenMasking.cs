using System.Runtime.InteropServices;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Training.Pretraining;

/// <summary>
/// Hides tokens of a batch, anew at each step, and keeps what stood there (Devlin et al. 2019, BERT, section 3.1: of the chosen
/// tokens 80% become [MASK], 10% another piece, 10% stay). What becomes of a token depends on seed, step and its place in the
/// batch alone. Not thread-safe.
/// </summary>
internal sealed class TokenMasking
{
    private const double MaskedShare = 0.8;
    private const double ReplacedShare = 0.1;

    private readonly HashSet<long> _specialIds;
    private readonly long[] _ordinaryIds;
    private readonly long _maskTokenId;
    private readonly double _probability;
    private readonly ulong _seed;
    private readonly List<long> _positions = [];
    private readonly List<long> _ids = [];

    /// <param name="tokenizer">The tokenizer, whose vocabulary has the mask token.</param>
    /// <param name="probability">The probability that a token is chosen, in (0, 1).</param>
    /// <param name="seed">The training's seed.</param>
    public TokenMasking(WordPieceTokenizer tokenizer, double probability, ulong seed)
    {
        _maskTokenId = MaskTokenIdOf(tokenizer);
        _specialIds = [tokenizer.PadTokenId, tokenizer.UnknownTokenId, tokenizer.ClassTokenId, tokenizer.SeparatorTokenId, _maskTokenId];
        _ordinaryIds = [.. Enumerable.Range(0, tokenizer.Vocabulary.Count).Select(id => (long)id).Where(id => !_specialIds.Contains(id))];
        _probability = probability;
        _seed = seed;
    }

    /// <summary>The places of the chosen tokens of the last batch: row x sequence length + place, ascending.</summary>
    public ReadOnlySpan<long> Positions => CollectionsMarshal.AsSpan(_positions);

    /// <summary>The ids that stood there.</summary>
    public ReadOnlySpan<long> Ids => CollectionsMarshal.AsSpan(_ids);

    /// <summary>The id of the mask token.</summary>
    public static int MaskTokenIdOf(WordPieceTokenizer tokenizer)
    {
        // A tokenizer's options are complete.
        string mask = tokenizer.Options.MaskToken!;
        if (!tokenizer.Vocabulary.TryGetId(mask, out int id))
        {
            Throw.Argument($"the vocabulary has no mask token '{mask}', expected one to hide tokens with. Make a vocabulary with 'goemotions vocab'.", nameof(tokenizer));
        }

        return id;
    }

    /// <summary>Whether a text has a token that may be hidden.</summary>
    public bool CanHideAny(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            if (CanHide(id))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Chooses tokens, at least one if there is any that may be hidden, and hides them.</summary>
    public void Apply(TokenBatch batch, ulong step)
    {
        _positions.Clear();
        _ids.Clear();
        Span<long> inputIds = batch.WritableInputIds;
        int nearest = -1;
        double nearestDraw = double.PositiveInfinity;
        for (int position = 0; position < inputIds.Length; position++)
        {
            if (!CanHide(inputIds[position]))
            {
                continue;
            }

            double draw = TokenDraw.At(_seed, step, position);
            if (draw < _probability)
            {
                Hide(inputIds, position, draw / _probability, step);
            }
            else if (draw < nearestDraw)
            {
                (nearest, nearestDraw) = (position, draw);
            }
        }

        if (_positions.Count == 0 && nearest >= 0)
        {
            Hide(inputIds, nearest, 0, step);
        }
    }

    private bool CanHide(long id) => !_specialIds.Contains(id);

    private void Hide(Span<long> inputIds, int position, double share, ulong step)
    {
        _positions.Add(position);
        _ids.Add(inputIds[position]);
        if (share < MaskedShare)
        {
            inputIds[position] = _maskTokenId;
        }
        else if (share < MaskedShare + ReplacedShare)
        {
            inputIds[position] = _ordinaryIds[(int)(TokenDraw.At(~_seed, step, position) * _ordinaryIds.Length)];
        }
    }
}
