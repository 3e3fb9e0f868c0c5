using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>
/// What a checkpoint of ONNX Runtime's on-device training holds: parameters, the optimizer's state and properties. Its members do
/// not change; the values of the parameters may.
/// </summary>
public sealed record OrtCheckpoint
{
    /// <summary>The name of the file among the training artifacts.</summary>
    public const string FileName = "checkpoint";

    /// <summary>The version that ONNX Runtime 1.18 and 1.19 read; 1.16 and 1.17 read version 1.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The version of the format: 1 or 2.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The parameters that are trained.</summary>
    public required ParameterSet Trained { get; init; }

    /// <summary>The parameters that are not.</summary>
    public ParameterSet Frozen { get; init; } = new();

    /// <summary>The optimizer's state; <see langword="null"/> before the first step.</summary>
    public OrtOptimizerState? Optimizer { get; init; }

    /// <summary>Whole numbers that a program put in, by name.</summary>
    public IReadOnlyDictionary<string, long> IntegerProperties { get; init; } = new Dictionary<string, long>();

    /// <summary>Numbers that a program put in, by name.</summary>
    public IReadOnlyDictionary<string, float> FloatProperties { get; init; } = new Dictionary<string, float>();

    /// <summary>Texts that a program put in, by name.</summary>
    public IReadOnlyDictionary<string, string> TextProperties { get; init; } = new Dictionary<string, string>();

    /// <summary>The checkpoint of parameters that no step was taken with.</summary>
    /// <param name="specs">The parameters, in the order of the graph.</param>
    /// <param name="parameters">Their values, which are not copied.</param>
    /// <param name="trains">Which of them are trained; <see langword="null"/> for all.</param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">A parameter is missing or has another shape.</exception>
    public static OrtCheckpoint Create(IReadOnlyList<ParameterSpec> specs, ParameterSet parameters, Func<ParameterSpec, bool>? trains = null)
    {
        ArgumentNullException.ThrowIfNull(specs);
        ArgumentNullException.ThrowIfNull(parameters);
        if (specs.FirstOrDefault(spec => !parameters[spec.Name].Shape.SequenceEqual(spec.Shape)) is { } wrong)
        {
            Throw.Argument($"parameter '{wrong.Name}' has shape [{string.Join(", ", parameters[wrong.Name].Shape)}], expected [{string.Join(", ", wrong.Shape)}].", nameof(parameters));
        }

        ILookup<bool, Parameter> parts = specs.ToLookup(spec => trains?.Invoke(spec) ?? true, spec => parameters[spec.Name]);
        return new OrtCheckpoint { Trained = new ParameterSet(parts[true]), Frozen = new ParameterSet(parts[false]) };
    }

    /// <summary>The checkpoint of our own trainer's blocks, moments included. The values are copied.</summary>
    /// <param name="buffers">The blocks.</param>
    /// <param name="step">The number of optimizer steps taken; with 0, the checkpoint has no optimizer's state.</param>
    /// <param name="learningRate">The learning rate to note down. ONNX Runtime does not take it up: it starts at 0.001 until a program sets another.</param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="buffers"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is negative.</exception>
    public static OrtCheckpoint FromBuffers(ParameterBuffers buffers, long step, float learningRate = OrtOptimizerState.DefaultLearningRate)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ILookup<bool, ParameterSlot> parts = buffers.Slots.ToLookup(slot => slot.IsTrained);
        return new OrtCheckpoint
        {
            Trained = Copy(parts[true], buffers, ParameterBlock.Weights),
            Frozen = Copy(parts[false], buffers, ParameterBlock.Weights),
            Optimizer = step == 0 ? null : new OrtOptimizerState
            {
                Step = step,
                LearningRate = learningRate,
                FirstMoments = Copy(parts[true], buffers, ParameterBlock.FirstMoments),
                SecondMoments = Copy(parts[true], buffers, ParameterBlock.SecondMoments),
            },
        };
    }

    /// <summary>Copies parameters and moments into our own trainer's blocks; without an optimizer's state, the moments become 0.</summary>
    /// <param name="buffers">The blocks; what they train is up to them, but the moments of all that must be there.</param>
    /// <returns>The number of optimizer steps taken.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="buffers"/> is null.</exception>
    /// <exception cref="InvalidDataException">A parameter or a moment is missing, foreign or of another shape. The blocks are as they were then.</exception>
    public long CopyTo(ParameterBuffers buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        ParameterSet parameters = ToParameterSet([.. buffers.Slots.Select(slot => slot.Spec)]);
        ParameterSlot[] trained = [.. buffers.Slots.Where(slot => slot.IsTrained)];
        if (Optimizer is { Step: > 0 } state)
        {
            if (state.SecondMoments.Count == 0)
            {
                Throw.InvalidData("the checkpoint's optimizer_states have momentum0 only, as SGD keeps, expected momentum0 and momentum1 of AdamW. Leave the optimizer's state out.");
            }

            if (trained.FirstOrDefault(slot => !state.FirstMoments.TryGet(slot.Spec.Name, out _)) is { } missing)
            {
                Throw.InvalidData($"the checkpoint has no moments of parameter '{missing.Spec.Name}', which is to be trained. Freeze it, or leave the optimizer's state out.");
            }
        }

        buffers.Load(parameters);
        OrtOptimizerState? moments = Optimizer is { Step: > 0 } ? Optimizer : null;
        foreach (ParameterSlot slot in trained)
        {
            var zeros = moments is null ? new float[slot.Length] : null;
            buffers.CopyFrom(zeros ?? moments!.FirstMoments[slot.Spec.Name].Values.Span, ParameterBlock.FirstMoments, slot.Start);
            buffers.CopyFrom(zeros ?? moments!.SecondMoments[slot.Spec.Name].Values.Span, ParameterBlock.SecondMoments, slot.Start);
        }

        return moments?.Step ?? 0;
    }

    /// <summary>All parameters of a model, trained and frozen.</summary>
    /// <param name="specs">The parameters that the model has.</param>
    /// <returns>The parameters in that order; their values are not copied.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="specs"/> is null.</exception>
    /// <exception cref="InvalidDataException">A parameter is missing or of another shape, or the checkpoint has one that the model has not.</exception>
    public ParameterSet ToParameterSet(IReadOnlyList<ParameterSpec> specs)
    {
        ArgumentNullException.ThrowIfNull(specs);
        var found = new List<Parameter>(specs.Count);
        foreach (ParameterSpec spec in specs)
        {
            if (!Trained.TryGet(spec.Name, out Parameter? parameter) && !Frozen.TryGet(spec.Name, out parameter))
            {
                Throw.InvalidData($"the checkpoint has no parameter '{spec.Name}', neither in requires_grad_params nor in frozen_params, expected one of shape [{string.Join(", ", spec.Shape)}]. Use the checkpoint of this model.");
            }

            if (!parameter.Shape.SequenceEqual(spec.Shape))
            {
                Throw.InvalidData($"the checkpoint's parameter '{spec.Name}' has dims [{string.Join(", ", parameter.Shape)}], expected [{string.Join(", ", spec.Shape)}]. Use the checkpoint of this model.");
            }

            found.Add(parameter);
        }

        var known = specs.Select(spec => spec.Name).ToHashSet(StringComparer.Ordinal);
        if (Trained.Concat(Frozen).FirstOrDefault(parameter => !known.Contains(parameter.Name)) is { } foreign)
        {
            Throw.InvalidData($"the checkpoint has a parameter '{foreign.Name}', which the model does not have. Use the checkpoint of this model.");
        }

        return new ParameterSet(found);
    }

    /// <summary>
    /// The same checkpoint with other values of the trained parameters, as the JavaScript API's <c>getContiguousParameters(true)</c>
    /// gives them. The optimizer's state is left out, since that API does not give it.
    /// </summary>
    /// <param name="specs">The parameters in the order of the training model's inputs, frozen ones included.</param>
    /// <param name="values">The values of the trained parameters, one after the other in that order.</param>
    /// <returns>The checkpoint; the values are copied.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="specs"/> is null.</exception>
    /// <exception cref="InvalidDataException">The number of values is not that of the trained parameters, or the parameters do not fit the specifications.</exception>
    public OrtCheckpoint WithTrainedValues(IReadOnlyList<ParameterSpec> specs, ReadOnlySpan<float> values)
    {
        ToParameterSet(specs);
        if (values.Length != Trained.ElementCount)
        {
            Throw.InvalidData($"there are {values.Length} parameter values, expected {Trained.ElementCount}, all of the checkpoint's {Trained.Count} trained parameters and no others. Take them by getContiguousParameters(true).");
        }

        var replaced = new List<Parameter>(Trained.Count);
        foreach (ParameterSpec spec in specs)
        {
            if (Trained.TryGet(spec.Name, out Parameter? parameter))
            {
                int length = parameter.Values.Length;
                replaced.Add(new Parameter(spec.Name, spec.Shape, values[..length].ToArray()));
                values = values[length..];
            }
        }

        return this with { Trained = new ParameterSet(replaced), Optimizer = null };
    }

    private static ParameterSet Copy(IEnumerable<ParameterSlot> slots, ParameterBuffers buffers, ParameterBlock block)
    {
        var parameters = new List<Parameter>();
        foreach (ParameterSlot slot in slots)
        {
            var values = new float[slot.Length];
            buffers.CopyTo(block, slot.Start, values);
            parameters.Add(new Parameter(slot.Spec.Name, slot.Spec.Shape, values));
        }

        return new ParameterSet(parameters);
    }
}
