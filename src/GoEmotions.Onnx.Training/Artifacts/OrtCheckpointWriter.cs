using System.Runtime.InteropServices;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Weights;
using Google.FlatBuffers;
using Slots = GoEmotions.Onnx.Training.Artifacts.OrtCheckpointSlots;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>Writes a checkpoint of ONNX Runtime.</summary>
internal sealed class OrtCheckpointWriter
{
    /// <summary>What FlatBuffers can address, less room for what the estimate may miss.</summary>
    private const long MaximalSizeInBytes = int.MaxValue - (1 << 20);

    /// <summary>More than the tables, vectors and offsets of a tensor take.</summary>
    private const int TensorOverhead = 256;

    private readonly FlatBufferBuilder _builder;

    private OrtCheckpointWriter(int sizeInBytes) => _builder = new FlatBufferBuilder(sizeInBytes);

    /// <summary>Makes the file.</summary>
    public static ArraySegment<byte> Write(OrtCheckpoint checkpoint)
    {
        long size = EstimateSize(checkpoint);
        if (size > MaximalSizeInBytes)
        {
            Throw.InvalidData($"the checkpoint would have {size} bytes, expected at most {MaximalSizeInBytes}: larger ones need a second file, which is not supported. Leave the optimizer's state out, or use a smaller encoder or vocabulary.");
        }

        // The buffer has its size from the start: growing one of a gigabyte would need two more.
        var writer = new OrtCheckpointWriter((int)size);
        writer.AddCheckpoint(checkpoint);
        ByteBuffer buffer = writer._builder.DataBuffer;
        return buffer.ToArraySegment(buffer.Position, buffer.Length - buffer.Position);
    }

    private static long EstimateSize(OrtCheckpoint checkpoint)
    {
        IEnumerable<Parameter> tensors = checkpoint.Trained.Concat(checkpoint.Frozen);
        if (checkpoint.Optimizer is { } state)
        {
            tensors = tensors.Concat(state.FirstMoments).Concat(state.SecondMoments);
        }

        long properties = checkpoint.IntegerProperties.Keys.Concat(checkpoint.FloatProperties.Keys).Concat(checkpoint.TextProperties.Keys).Concat(checkpoint.TextProperties.Values)
            .Sum(text => (3L * text.Length) + TensorOverhead);
        return tensors.Sum(tensor => ((long)tensor.Values.Length * sizeof(float)) + (3L * tensor.Name.Length) + (tensor.Shape.Count * sizeof(long)) + TensorOverhead) + properties + 1024;
    }

    private void AddCheckpoint(OrtCheckpoint checkpoint)
    {
        int trained = Tensors(checkpoint.Trained);
        int frozen = Tensors(checkpoint.Frozen);
        _builder.StartTable(Slots.ModuleState.Count);
        _builder.AddOffset(Slots.ModuleState.RequiresGradParams, trained, 0);
        _builder.AddOffset(Slots.ModuleState.FrozenParams, frozen, 0);
        int module = _builder.EndTable();
        int groups = checkpoint.Optimizer is { } state ? Offsets([Group(state)]) : 0;
        int bag = PropertyBag(checkpoint);
        _builder.StartTable(Slots.Checkpoint.Count);
        _builder.AddInt(Slots.Checkpoint.Version, checkpoint.Version, 0);
        _builder.AddOffset(Slots.Checkpoint.ModuleState, module, 0);
        _builder.AddOffset(Slots.Checkpoint.OptimizerGroups, groups, 0);
        _builder.AddOffset(Slots.Checkpoint.PropertyBag, bag, 0);
        _builder.Finish(_builder.EndTable(), Slots.Identifier);
    }

    private int Group(OrtOptimizerState state)
    {
        var states = new List<int>();
        foreach (Parameter first in state.FirstMoments)
        {
            int[] moments = state.SecondMoments.TryGet(first.Name, out Parameter? second)
                ? [Tensor(Slots.FirstMoment, first), Tensor(Slots.SecondMoment, second)]
                : [Tensor(Slots.FirstMoment, first)];
            int momentums = Offsets(moments);
            int name = _builder.CreateString(first.Name).Value;
            _builder.StartTable(Slots.OptimizerState.Count);
            _builder.AddOffset(Slots.OptimizerState.ParamName, name, 0);
            _builder.AddOffset(Slots.OptimizerState.Momentums, momentums, 0);
            states.Add(_builder.EndTable());
        }

        int vector = Offsets(states);
        int groupName = _builder.CreateString(state.GroupName).Value;
        _builder.StartTable(Slots.OptimizerGroup.Count);
        _builder.AddOffset(Slots.OptimizerGroup.GroupName, groupName, 0);
        _builder.AddLong(Slots.OptimizerGroup.Step, state.Step, 0);
        _builder.AddFloat(Slots.OptimizerGroup.InitialLearningRate, state.LearningRate, 0);
        _builder.AddOffset(Slots.OptimizerGroup.OptimizerStates, vector, 0);
        return _builder.EndTable();
    }

    private int PropertyBag(OrtCheckpoint checkpoint)
    {
        if (checkpoint.IntegerProperties.Count + checkpoint.FloatProperties.Count + checkpoint.TextProperties.Count == 0)
        {
            return 0;
        }

        int integers = Properties(checkpoint.IntegerProperties, value => () => _builder.AddLong(Slots.Property.Value, value, 0));
        int floats = Properties(checkpoint.FloatProperties, value => () => _builder.AddFloat(Slots.Property.Value, value, 0));
        int texts = Properties(checkpoint.TextProperties, value =>
        {
            int text = _builder.CreateString(value).Value;
            return () => _builder.AddOffset(Slots.Property.Value, text, 0);
        });
        _builder.StartTable(Slots.PropertyBag.Count);
        _builder.AddOffset(Slots.PropertyBag.Ints, integers, 0);
        _builder.AddOffset(Slots.PropertyBag.Floats, floats, 0);
        _builder.AddOffset(Slots.PropertyBag.Strings, texts, 0);
        return _builder.EndTable();
    }

    // What a value refers to must be written before the table that refers to it is begun.
    private int Properties<T>(IReadOnlyDictionary<string, T> properties, Func<T, Action> prepare)
    {
        var tables = new List<int>();
        foreach ((string name, T value) in properties)
        {
            Action addValue = prepare(value);
            int text = _builder.CreateString(name).Value;
            _builder.StartTable(Slots.Property.Count);
            _builder.AddOffset(Slots.Property.Name, text, 0);
            addValue();
            tables.Add(_builder.EndTable());
        }

        return Offsets(tables);
    }

    private int Tensors(ParameterSet parameters)
    {
        var tables = new List<int>(parameters.Count);
        foreach (Parameter parameter in parameters)
        {
            tables.Add(Tensor(parameter.Name, parameter));
        }

        return Offsets(tables);
    }

    private int Tensor(string name, Parameter parameter)
    {
        ArraySegment<float> values = MemoryMarshal.TryGetArray(parameter.Values, out ArraySegment<float> array) ? array : parameter.Values.ToArray();
        int text = _builder.CreateString(name).Value;
        _builder.StartVector(sizeof(long), parameter.Shape.Count, sizeof(long));
        foreach (long size in parameter.Shape.Reverse())
        {
            _builder.AddLong(size);
        }

        int dims = _builder.EndVector().Value;
        int byteCount = checked(values.Count * sizeof(float));
        _builder.StartVector(1, byteCount, sizeof(long));
        if (byteCount > 0)
        {
            _builder.Put(values);
        }

        int data = _builder.EndVector().Value;
        _builder.StartTable(Slots.Tensor.Count);
        _builder.AddOffset(Slots.Tensor.Name, text, 0);
        _builder.AddOffset(Slots.Tensor.Dims, dims, 0);
        _builder.AddInt(Slots.Tensor.DataType, (int)ElementType.Float32, 0);
        _builder.AddOffset(Slots.Tensor.RawData, data, 0);
        return _builder.EndTable();
    }

    private int Offsets(IReadOnlyList<int> tables)
    {
        _builder.StartVector(sizeof(int), tables.Count, sizeof(int));
        for (int index = tables.Count - 1; index >= 0; index--)
        {
            _builder.AddOffset(tables[index]);
        }

        return _builder.EndVector().Value;
    }
}
