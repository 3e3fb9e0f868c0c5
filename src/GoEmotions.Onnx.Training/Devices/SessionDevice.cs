using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Sessions;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Devices;

/// <summary>
/// A device that is reached through ONNX Runtime alone: its blocks come from the allocator of an execution provider, and graphs
/// copy them and compute over them. Owns the session that allocates and copies.
/// </summary>
internal sealed class SessionDevice : ComputeDevice
{
    private readonly Action<SessionOptions> _appendProvider;
    private readonly InferenceSession _copySession;
    private readonly OrtAllocator _allocator;
    private readonly NativeBlock _staging;

    /// <param name="memory">The provider's memory; owned from here on.</param>
    /// <param name="chunkLength">See <see cref="ChunkLength"/>.</param>
    /// <param name="appendProvider">Adds the provider to the options of each session.</param>
    private SessionDevice(OrtMemoryInfo memory, int chunkLength, Action<SessionOptions> appendProvider)
    {
        Memory = memory;
        ChunkLength = chunkLength;
        _appendProvider = appendProvider;
        try
        {
            _copySession = OpenSession(BlockGraphs.Copy(), threads: 1);
            _allocator = new OrtAllocator(_copySession, memory);
            _staging = new NativeBlock(SessionBlock.StagingLength * sizeof(float));
        }
        catch
        {
            _allocator?.Dispose();
            _copySession?.Dispose();
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Where the blocks lie.</summary>
    public OrtMemoryInfo Memory { get; }

    /// <summary>The most elements that a graph over a block works on at once: what bounds the memory of intermediate results.</summary>
    public int ChunkLength { get; }

    /// <summary>An NVIDIA GPU. Intermediate results of 64 MB each.</summary>
    public static SessionDevice OpenCuda(int index, Action<SessionOptions> appendProvider) => Open("Cuda", index, 1 << 24, appendProvider);

    /// <summary>The CPU provider as a device, in chunks so small that every model has several.</summary>
    public static SessionDevice OpenCpu() => Open("Cpu", 0, 1 << 14, _ => { });

    public override InferenceSession OpenSession(ModelProto model, int threads)
    {
        using SessionOptions options = HostDevice.CreateOptions(threads);
        _appendProvider(options);
        return new InferenceSession(model.ToByteArray(), options);
    }

    public override DeviceBlock Allocate(int length) => new SessionBlock(this, _allocator, _copySession, _staging, length);

    public override BlockArithmetic CreateArithmetic(ParameterBuffers buffers) => new GraphArithmetic(this, buffers);

    public override void Dispose()
    {
        _staging.Dispose();
        _allocator.Dispose();
        _copySession.Dispose();
        Memory.Dispose();
    }

    private static SessionDevice Open(string memoryName, int index, int chunkLength, Action<SessionOptions> appendProvider) =>
        new(new OrtMemoryInfo(memoryName, OrtAllocatorType.DeviceAllocator, index, OrtMemType.Default), chunkLength, appendProvider);
}
