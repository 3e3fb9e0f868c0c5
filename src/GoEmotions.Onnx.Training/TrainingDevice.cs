using System.Globalization;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Training.Devices;

namespace GoEmotions.Onnx.Training;

/// <summary>Where a training computes and keeps its parameters. Immutable and thread-safe.</summary>
public sealed record TrainingDevice
{
    private readonly Func<ComputeDevice> _open;

    private TrainingDevice(string name, int index, Func<ComputeDevice> open)
    {
        Name = name;
        Index = index;
        _open = open;
    }

    /// <summary>The processor.</summary>
    public static TrainingDevice Cpu { get; } = new("cpu", 0, () => new HostDevice());

    /// <summary>
    /// The processor behind the code of devices with memory of their own: blocks of ONNX Runtime, copies, and graphs for what
    /// <see cref="Cpu"/> does in C#. For tests.
    /// </summary>
    internal static TrainingDevice CpuThroughSessions { get; } = new("cpu through sessions", 0, SessionDevice.OpenCpu);

    /// <summary>The device's number among those of its kind, from 0.</summary>
    public int Index { get; }

    /// <summary>Whether this is the processor.</summary>
    public bool IsCpu => Equals(Cpu);

    /// <summary>The device as <see cref="Parse"/> reads it, such as <c>cuda:0</c>.</summary>
    internal string Name { get; }

    /// <summary>An NVIDIA GPU through ONNX Runtime's CUDA provider.</summary>
    /// <param name="index">Its number as CUDA counts, from 0.</param>
    /// <returns>The device. Whether it is there shows when a training is made.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative.</exception>
    public static TrainingDevice Cuda(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new TrainingDevice($"cuda:{index.ToString(CultureInfo.InvariantCulture)}", index, () => CudaProvider.Open(index));
    }

    /// <summary>Reads <c>cpu</c>, <c>cuda</c> (the first GPU) or <c>cuda:N</c>, in any case.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The device.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static TrainingDevice Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = text.Trim().ToLowerInvariant();
        if (name is "cpu")
        {
            return Cpu;
        }

        if (name is "cuda")
        {
            return Cuda();
        }

        return name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? Cuda(index)
            : throw new FormatException($"the device is '{text}', expected cpu, cuda or cuda:N with the number N of the GPU, from 0.");
    }

    /// <summary>The device as <see cref="Parse"/> reads it: <c>cpu</c> or <c>cuda:N</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Name;

    /// <summary>Whether the other is the same device.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether it is.</returns>
    public bool Equals(TrainingDevice? other) => other is not null && Name == other.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);

    internal ComputeDevice Open() => _open();

    /// <summary>
    /// The form of a training graph that suits the device. Away from the processor nothing but tokens and labels is copied at a step:
    /// dropout is drawn by the graph, and the gradients of embedding tables are added up there.
    /// </summary>
    internal TrainingGraphOptions Adapt(TrainingGraphOptions options, long seed) => IsCpu
        ? options
        : options with { DropoutMasksAsInputs = false, EmbeddingGradientsAsRows = false, DropoutSeed = (int)(DeterministicRandom.Mix((ulong)seed) >> 34) };
}
