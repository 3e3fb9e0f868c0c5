using System.Diagnostics;
using System.Numerics.Tensors;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Sessions;

/// <summary>
/// The native memory of one run: a plane for each input of the graph, and one for the logits. It is filled row by row, or with
/// one text's ids in place. Used by one thread at a time; its size never changes.
/// </summary>
internal sealed class RunContext : IDisposable
{
    private readonly GraphInputs _inputs;
    private readonly NativeBlock _block;
    private readonly long[] _planeStarts;
    private readonly long _logitsStart;
    private readonly int _labelCount;
    private readonly int _idsInput;
    private int _filledRows;

    /// <summary>Makes the memory for runs of at most <paramref name="capacity"/> tokens.</summary>
    public RunContext(GraphInputs inputs, RunCapacity capacity, int labelCount)
    {
        _inputs = inputs;
        _labelCount = labelCount;
        Capacity = capacity;
        _planeStarts = new long[inputs.Items.Length];
        long end = 0;
        for (int index = 0; index < _planeStarts.Length; index++)
        {
            _planeStarts[index] = end;
            if (inputs.Items[index].Kind == InputKind.InputIds)
            {
                _idsInput = index;
            }

            end += Align((long)capacity.Of(inputs.Items[index].Extent) * sizeof(long));
        }

        _logitsStart = end;
        _block = new NativeBlock(end + ((long)capacity.Rows * labelCount * sizeof(float)));
    }

    /// <summary>What fits.</summary>
    public RunCapacity Capacity { get; }

    /// <summary>The number of texts.</summary>
    public int Rows { get; private set; }

    /// <summary>The longest text in tokens.</summary>
    public int SequenceLength { get; private set; }

    /// <summary>The number of tokens, without padding.</summary>
    public int TokenCount { get; private set; }

    /// <summary>The address of the logits, float32 <c>[batch, labels]</c>.</summary>
    public nint LogitsAddress => _block.Pointer + (nint)_logitsStart;

    /// <summary>The logits of the last run, row-major <c>[batch, labels]</c>; valid until the next run.</summary>
    public ReadOnlySpan<float> Logits => _block.Span<float>(_logitsStart, Rows * _labelCount);

    /// <summary>The address of an input's plane.</summary>
    public nint AddressOf(int input) => _block.Pointer + (nint)_planeStarts[input];

    /// <summary>Tokenizes one text as the only row.</summary>
    public void Encode(WordPieceTokenizer tokenizer, ReadOnlySpan<char> text, int maxLength, out bool truncated)
    {
        int count = tokenizer.Encode(text, _block.Span<long>(_planeStarts[_idsInput], maxLength), out truncated);
        Begin(1, count, count);
        FillRow(count);
    }

    /// <summary>Starts a batch whose rows are then given by <see cref="AddRow"/>.</summary>
    public void Begin(int rows, int sequenceLength, int tokenCount)
    {
        Debug.Assert(rows <= Capacity.Rows && (long)rows * sequenceLength <= Capacity.Area && tokenCount <= Capacity.Tokens, "the batch fits the context");
        Rows = rows;
        SequenceLength = sequenceLength;
        TokenCount = 0;
        _filledRows = 0;
    }

    /// <summary>Adds a text.</summary>
    /// <param name="ids">Its ids, without those that stand around every text.</param>
    /// <param name="tokenizer">Gives the ids around it, and those of the padding.</param>
    public void AddRow(ReadOnlySpan<int> ids, WordPieceTokenizer tokenizer)
    {
        int count = ids.Length + 2;
        Span<long> row = RowOf(_idsInput, count);
        row[0] = tokenizer.ClassTokenId;
        TensorPrimitives.ConvertChecked<int, long>(ids, row[1..]);
        row[count - 1] = tokenizer.SeparatorTokenId;
        row[count..].Fill(tokenizer.PadTokenId);
        FillRow(count);
    }

    public void Dispose() => _block.Dispose();

    private static void FillAscending(Span<long> row, int first)
    {
        for (int index = 0; index < row.Length; index++)
        {
            row[index] = first + index;
        }
    }

    private static long Align(long size) => (size + NativeBlock.AlignmentInBytes - 1) & -NativeBlock.AlignmentInBytes;

    // All that follows from the lengths alone.
    private void FillRow(int count)
    {
        Debug.Assert(_filledRows < Rows && count <= SequenceLength, "the row fits the batch");
        for (int input = 0; input < _planeStarts.Length; input++)
        {
            Span<long> row = RowOf(input, count);
            switch (_inputs.Items[input].Kind)
            {
                case InputKind.AttentionMask:
                    row[..count].Fill(1);
                    row[count..].Clear();
                    break;
                case InputKind.PositionIds:
                    FillAscending(row, 0);
                    break;
                case InputKind.Lengths:
                    row[0] = count;
                    break;
                case InputKind.PadIndex:
                    FillAscending(row[..count], TokenCount);
                    row[count..].Clear();
                    break;
                case InputKind.UnpadIndex:
                    FillAscending(row, _filledRows * SequenceLength);
                    break;
                default:
                    // Ids stand there already; token types are zero from the beginning.
                    break;
            }
        }

        _filledRows++;
        TokenCount += count;
    }

    private Span<long> RowOf(int input, int count) => _inputs.Items[input].Extent switch
    {
        InputExtent.Area => Plane(input, _filledRows * SequenceLength, SequenceLength),
        InputExtent.Tokens => Plane(input, TokenCount, count),
        _ => Plane(input, _filledRows, 1),
    };

    private Span<long> Plane(int input, int start, int length) => _block.Span<long>(_planeStarts[input] + ((long)start * sizeof(long)), length);
}
