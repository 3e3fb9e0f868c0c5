using System.Text;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Weights;
using Slots = GoEmotions.Onnx.Training.Artifacts.OrtCheckpointSlots;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>Reads a checkpoint of ONNX Runtime from bytes that are not trusted.</summary>
internal readonly ref struct OrtCheckpointReader
{
    private const int MaximalRank = 8;

    private readonly FlatBuffer _buffer;

    private OrtCheckpointReader(FlatBuffer buffer) => _buffer = buffer;

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="source">Where it is from, for messages.</param>
    public static OrtCheckpoint Read(ReadOnlySpan<byte> bytes, string source)
    {
        if (!HasIdentifier(bytes))
        {
            string identifier = bytes.Length < 8 ? "missing" : Convert.ToHexString(bytes[4..8]);
            Throw.InvalidData($"{source} ({bytes.Length} bytes) is no checkpoint of ONNX Runtime's training: its file_identifier, bytes 4 to 7, is {identifier}, expected {Convert.ToHexString(Encoding.ASCII.GetBytes(Slots.Identifier))} ('{Slots.Identifier}'); found {FileSignature.Describe(bytes[..Math.Min(64, bytes.Length)])}. Take the file '{OrtCheckpoint.FileName}' of the training artifacts.");
        }

        return new OrtCheckpointReader(new FlatBuffer(bytes, source)).Read();
    }

    /// <summary>Whether the bytes behind the offset of the root are those of a checkpoint.</summary>
    public static bool HasIdentifier(ReadOnlySpan<byte> bytes) => bytes.Length >= 8 && bytes[4..8].SequenceEqual(Encoding.ASCII.GetBytes(Slots.Identifier));

    private OrtCheckpoint Read()
    {
        FlatTable root = _buffer.Root();
        int version = root.Int32(Slots.Checkpoint.Version, "version");
        if (version is not (1 or OrtCheckpoint.CurrentVersion))
        {
            _buffer.Fail("version", $"it is {version}, expected 1 (ONNX Runtime 1.16 and 1.17) or {OrtCheckpoint.CurrentVersion} (1.18 and 1.19)");
        }

        FlatTable module = root.Table(Slots.Checkpoint.ModuleState, "module_state");
        if (module.Flag(Slots.ModuleState.HasExternalData, "module_state.has_external_data"))
        {
            _buffer.Fail("module_state.has_external_data", "it is true: the tensors lie in another file, expected them in this one. Save the checkpoint below 2 GB");
        }

        if (module.Flag(Slots.ModuleState.IsNominalState, "module_state.is_nominal_state"))
        {
            _buffer.Fail("module_state.is_nominal_state", "it is true: the parameters have no values, expected them. Save the checkpoint after the parameters were loaded");
        }

        ParameterSet trained = Tensors(module, Slots.ModuleState.RequiresGradParams, "module_state.requires_grad_params");
        ParameterSet frozen = Tensors(module, Slots.ModuleState.FrozenParams, "module_state.frozen_params");
        if (frozen.FirstOrDefault(parameter => trained.TryGet(parameter.Name, out _)) is { } twice)
        {
            _buffer.Fail("module_state.frozen_params", $"'{twice.Name}' stands in requires_grad_params too, expected it in one of the two");
        }

        var checkpoint = new OrtCheckpoint { Version = version, Trained = trained, Frozen = frozen, Optimizer = Optimizer(root, trained) };
        if (!root.Has(Slots.Checkpoint.PropertyBag, "property_bag"))
        {
            return checkpoint;
        }

        FlatTable bag = root.Table(Slots.Checkpoint.PropertyBag, "property_bag");
        return checkpoint with
        {
            IntegerProperties = Properties(bag, Slots.PropertyBag.Ints, "property_bag.ints", static (property, field) => property.Int64(Slots.Property.Value, field)),
            FloatProperties = Properties(bag, Slots.PropertyBag.Floats, "property_bag.floats", static (property, field) => property.Single(Slots.Property.Value, field)),
            TextProperties = Properties(bag, Slots.PropertyBag.Strings, "property_bag.strings", static (property, field) => property.Text(Slots.Property.Value, field)),
        };
    }

    private delegate T ReadValue<T>(FlatTable property, string field);

    private Dictionary<string, T> Properties<T>(FlatTable bag, int slot, string field, ReadValue<T> read)
    {
        var properties = new Dictionary<string, T>(StringComparer.Ordinal);
        if (!bag.Has(slot, field))
        {
            return properties;
        }

        (int start, int count) = bag.Vector(slot, sizeof(int), field);
        for (int index = 0; index < count; index++)
        {
            string place = $"{field}[{index}]";
            FlatTable property = _buffer.TableAt(start + ((long)index * sizeof(int)), place);
            string name = property.Text(Slots.Property.Name, place + ".name");
            if (!properties.TryAdd(name, read(property, place + ".value")))
            {
                _buffer.Fail(place + ".name", $"'{name}' stands twice, expected distinct names");
            }
        }

        return properties;
    }

    private OrtOptimizerState? Optimizer(FlatTable root, ParameterSet trained)
    {
        const string Groups = "optimizer_groups";
        if (!root.Has(Slots.Checkpoint.OptimizerGroups, Groups))
        {
            return null;
        }

        (int start, int count) = root.Vector(Slots.Checkpoint.OptimizerGroups, sizeof(int), Groups);
        if (count == 0)
        {
            return null;
        }

        if (count > 1)
        {
            _buffer.Fail(Groups, $"there are {count}, expected at most 1, as ONNX Runtime has");
        }

        FlatTable group = _buffer.TableAt(start, Groups + "[0]");
        long step = group.Int64(Slots.OptimizerGroup.Step, Groups + "[0].step");
        if (step < 0)
        {
            _buffer.Fail(Groups + "[0].step", $"it is {step}, expected 0 or more");
        }

        (ParameterSet first, ParameterSet second) = Moments(group, trained);
        return new OrtOptimizerState
        {
            GroupName = group.Text(Slots.OptimizerGroup.GroupName, Groups + "[0].group_name"),
            Step = step,
            LearningRate = group.Single(Slots.OptimizerGroup.InitialLearningRate, Groups + "[0].initial_learning_rate"),
            FirstMoments = first,
            SecondMoments = second,
        };
    }

    private (ParameterSet First, ParameterSet Second) Moments(FlatTable group, ParameterSet trained)
    {
        const string States = "optimizer_groups[0].optimizer_states";
        var first = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        var second = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        if (!group.Has(Slots.OptimizerGroup.OptimizerStates, States))
        {
            return (new ParameterSet(), new ParameterSet());
        }

        (int start, int count) = group.Vector(Slots.OptimizerGroup.OptimizerStates, sizeof(int), States);
        for (int index = 0; index < count; index++)
        {
            string place = $"{States}[{index}]";
            ReadState(_buffer.TableAt(start + ((long)index * sizeof(int)), place), place, trained, first, second);
        }

        if (count > 0 && trained.FirstOrDefault(parameter => !first.ContainsKey(parameter.Name)) is { } missing)
        {
            _buffer.Fail(States, $"there is none of '{missing.Name}', expected one of each trained parameter");
        }

        if (second.Count > 0 && first.Keys.FirstOrDefault(name => !second.ContainsKey(name)) is string half)
        {
            _buffer.Fail(States, $"'{half}' has no {Slots.SecondMoment}, which others have, expected it for all or for none");
        }

        return (new ParameterSet(first.Values), new ParameterSet(second.Values));
    }

    private void ReadState(FlatTable state, string place, ParameterSet trained, Dictionary<string, Parameter> first, Dictionary<string, Parameter> second)
    {
        string name = state.Text(Slots.OptimizerState.ParamName, place + ".param_name");
        if (!trained.TryGet(name, out Parameter? parameter))
        {
            _buffer.Fail(place + ".param_name", $"it is '{name}', which is no trained parameter of the checkpoint");
        }

        string field = place + ".momentums";
        (int start, int count) = state.Vector(Slots.OptimizerState.Momentums, sizeof(int), field);
        for (int index = 0; index < count; index++)
        {
            string momentPlace = $"{field}[{index}]";
            Parameter moment = Tensor(_buffer.TableAt(start + ((long)index * sizeof(int)), momentPlace), momentPlace);
            if (moment.Name is not (Slots.FirstMoment or Slots.SecondMoment))
            {
                _buffer.Fail(momentPlace + ".name", $"it is '{moment.Name}', expected {Slots.FirstMoment} or {Slots.SecondMoment}");
            }

            if (!moment.Shape.SequenceEqual(parameter!.Shape))
            {
                _buffer.Fail(momentPlace + ".dims", $"they are [{string.Join(", ", moment.Shape)}], expected [{string.Join(", ", parameter.Shape)}], those of '{name}'");
            }

            if (!(moment.Name == Slots.FirstMoment ? first : second).TryAdd(name, new Parameter(name, moment.Shape, moment.Values)))
            {
                _buffer.Fail(momentPlace + ".name", $"{moment.Name} of '{name}' stands twice, expected it once");
            }
        }

        if (!first.ContainsKey(name))
        {
            _buffer.Fail(field, $"there is no {Slots.FirstMoment}, expected one");
        }
    }

    private ParameterSet Tensors(FlatTable table, int slot, string field)
    {
        (int start, int count) = table.Vector(slot, sizeof(int), field);
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        for (int index = 0; index < count; index++)
        {
            string place = $"{field}[{index}]";
            Parameter parameter = Tensor(_buffer.TableAt(start + ((long)index * sizeof(int)), place), place);
            if (!parameters.TryAdd(parameter.Name, parameter))
            {
                _buffer.Fail(place + ".name", $"'{parameter.Name}' stands twice, expected distinct names");
            }
        }

        return new ParameterSet(parameters.Values);
    }

    private Parameter Tensor(FlatTable tensor, string place)
    {
        string name = tensor.Text(Slots.Tensor.Name, place + ".name");
        if (name.Length == 0)
        {
            _buffer.Fail(place + ".name", "it is empty, expected a name");
        }

        int type = tensor.Int32(Slots.Tensor.DataType, place + ".data_type");
        if (type != (int)ElementType.Float32)
        {
            _buffer.Fail(place + ".data_type", $"it is {(Enum.IsDefined((ElementType)type) ? ((ElementType)type).OnnxName() : type)} for '{name}', expected {(int)ElementType.Float32} ({ElementType.Float32.OnnxName()})");
        }

        (long[] dims, int elements) = Dims(tensor, place + ".dims", name);
        (int start, int count) = elements == 0 && !tensor.Has(Slots.Tensor.RawData, place + ".raw_data") ? (0, 0) : tensor.Vector(Slots.Tensor.RawData, 1, place + ".raw_data");
        if (count != (long)elements * sizeof(float))
        {
            _buffer.Fail(place + ".raw_data", $"it has {count} bytes for '{name}', expected {(long)elements * sizeof(float)} for its dims [{string.Join(", ", dims)}]");
        }

        return new Parameter(name, dims, _buffer.Floats(start, elements, place + ".raw_data"));
    }

    private (long[] Dims, int Elements) Dims(FlatTable tensor, string field, string name)
    {
        (int start, int count) = tensor.Vector(Slots.Tensor.Dims, sizeof(long), field);
        if (count > MaximalRank)
        {
            _buffer.Fail(field, $"there are {count} of '{name}', expected at most {MaximalRank}");
        }

        var dims = new long[count];
        long product = 1;
        for (int axis = 0; axis < count; axis++)
        {
            dims[axis] = _buffer.Int64(start + (axis * sizeof(long)), field);

            // A product with a 0 in it must not overflow before.
            product *= Math.Max(dims[axis], 1);
            if (dims[axis] is < 0 or > int.MaxValue || product > int.MaxValue)
            {
                _buffer.Fail(field, $"they are [{string.Join(", ", dims[..(axis + 1)])}] of '{name}', expected 0 or more each and a product of at most {int.MaxValue}");
            }
        }

        return (dims, dims.Contains(0) ? 0 : (int)product);
    }
}
