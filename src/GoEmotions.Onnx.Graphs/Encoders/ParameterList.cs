namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>Collects the <see cref="ParameterSpec"/>s of an architecture, in the order of its modules.</summary>
internal sealed class ParameterList
{
    private readonly List<ParameterSpec> _specs = [];
    private int _layerIndex = -1;

    /// <summary>The part that parameters are added to from now on.</summary>
    public ParameterRole Role { get; set; }

    public void Embedding(string name, long rows, long columns, bool hasPaddingRow = false) => Add(
        name + ".weight", hasPaddingRow ? ParameterInitialization.NormalWithZeroPaddingRow : ParameterInitialization.Normal, true, rows, columns);

    public void Linear(string name, long outputs, long inputs)
    {
        Add(name + ".weight", ParameterInitialization.Normal, true, outputs, inputs);
        Add(name + ".bias", ParameterInitialization.Zero, false, outputs);
    }

    public void LayerNorm(string name, long size)
    {
        Add(name + ".weight", ParameterInitialization.One, false, size);
        Add(name + ".bias", ParameterInitialization.Zero, false, size);
    }

    public void Bias(string name, long size) => Add(name, ParameterInitialization.Zero, false, size);

    /// <summary>All encoder layers, each as <see cref="TransformerGraph.EncoderLayer"/> computes it.</summary>
    public void EncoderLayers(EncoderConfig config, Func<int, EncoderLayerNames> namesOfLayer)
    {
        Role = ParameterRole.EncoderLayer;
        for (_layerIndex = 0; _layerIndex < config.LayerCount; _layerIndex++)
        {
            EncoderLayerNames names = namesOfLayer(_layerIndex);
            Linear(names.Query, config.HiddenSize, config.HiddenSize);
            Linear(names.Key, config.HiddenSize, config.HiddenSize);
            Linear(names.Value, config.HiddenSize, config.HiddenSize);
            Linear(names.AttentionOutput, config.HiddenSize, config.HiddenSize);
            LayerNorm(names.AttentionNorm, config.HiddenSize);
            Linear(names.Intermediate, config.IntermediateSize, config.HiddenSize);
            Linear(names.Output, config.HiddenSize, config.IntermediateSize);
            LayerNorm(names.OutputNorm, config.HiddenSize);
        }

        _layerIndex = -1;
    }

    public IReadOnlyList<ParameterSpec> ToList() => _specs;

    private void Add(string name, ParameterInitialization initialization, bool decays, params long[] shape) =>
        _specs.Add(new ParameterSpec(name, shape, initialization, Role, _layerIndex, decays));
}
