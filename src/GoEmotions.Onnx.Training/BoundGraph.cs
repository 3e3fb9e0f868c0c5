using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Tokenization;
using GoEmotions.Onnx.Training.Devices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GoEmotions.Onnx.Training;

/// <summary>
/// An ONNX Runtime session over a graph whose parameters are inputs, bound to the places of <see cref="ParameterBuffers"/> once.
/// Everything else is bound anew for each run. Not thread-safe; it borrows the buffers.
/// </summary>
internal sealed class BoundGraph : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _runOptions = new();
    private readonly List<OrtValue> _lasting = [];
    private readonly List<OrtValue> _ofThisRun = [];
    private readonly bool _hasTokenTypes;

    public BoundGraph(Graphs.Protobuf.ModelProto model, ParameterBuffers buffers, int threads)
    {
        _session = buffers.Device.OpenSession(model, threads);
        _binding = _session.CreateIoBinding();
        _hasTokenTypes = _session.InputMetadata.ContainsKey(ClassifierGraph.TokenTypeIdsName);
        foreach (ParameterSlot slot in buffers.Slots)
        {
            if (_session.InputMetadata.ContainsKey(slot.Spec.Name))
            {
                _binding.BindInput(slot.Spec.Name, Keep(buffers.View(ParameterBlock.Weights, slot)));
            }
        }
    }

    /// <summary>Binds an output of a parameter's shape to the gradient's place, for all runs.</summary>
    public void BindGradient(string output, ParameterBuffers buffers, ParameterSlot slot) =>
        _binding.BindOutput(output, Keep(buffers.View(ParameterBlock.Gradients, slot)));

    public void BindTokens(TokenBatch batch)
    {
        long[] shape = [batch.Rows, batch.SequenceLength];
        nint plane = (nint)batch.Capacity * sizeof(long);
        Input(ClassifierGraph.InputIdsName, batch.Block.Pointer);
        Input(ClassifierGraph.AttentionMaskName, batch.Block.Pointer + plane);
        if (_hasTokenTypes)
        {
            Input(ClassifierGraph.TokenTypeIdsName, batch.Block.Pointer + (2 * plane));
        }

        void Input(string name, nint address) => _binding.BindInput(name, OfThisRun(HostTensor.View(TensorElementType.Int64, address, shape)));
    }

    public void BindInput(string name, NativePiece<float> piece, params long[] shape) =>
        _binding.BindInput(name, OfThisRun(HostTensor.View(TensorElementType.Float, piece.Address, shape)));

    public void BindInput(string name, NativePiece<long> piece, params long[] shape) =>
        _binding.BindInput(name, OfThisRun(HostTensor.View(TensorElementType.Int64, piece.Address, shape)));

    public void BindOutput(string name, NativePiece<float> piece, params long[] shape) =>
        _binding.BindOutput(name, OfThisRun(HostTensor.View(TensorElementType.Float, piece.Address, shape)));

    public void BindOutput(string name, NativePiece<long> piece, params long[] shape) =>
        _binding.BindOutput(name, OfThisRun(HostTensor.View(TensorElementType.Int64, piece.Address, shape)));

    public void Run()
    {
        try
        {
            _session.RunWithBinding(_runOptions, _binding);
        }
        finally
        {
            _ofThisRun.ForEach(value => value.Dispose());
            _ofThisRun.Clear();
        }
    }

    public void Dispose()
    {
        _ofThisRun.ForEach(value => value.Dispose());
        _binding.Dispose();
        _lasting.ForEach(value => value.Dispose());
        _runOptions.Dispose();
        _session.Dispose();
    }

    private OrtValue Keep(OrtValue value)
    {
        _lasting.Add(value);
        return value;
    }

    private OrtValue OfThisRun(OrtValue value)
    {
        _ofThisRun.Add(value);
        return value;
    }
}
