namespace GoEmotions.Onnx.Tests;

/// <summary>Tests that measure what the process does run alone.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
