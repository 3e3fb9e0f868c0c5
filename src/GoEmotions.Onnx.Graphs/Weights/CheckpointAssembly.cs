using GoEmotions.Onnx.Graphs.Encoders;

namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>Puts the parameters of a classifier together from the tensors of a checkpoint and fresh ones.</summary>
internal sealed class CheckpointAssembly
{
    private const string WordEmbeddings = "word_embeddings.weight";
    private readonly string _folder;
    private readonly EncoderConfig _config;
    private readonly CheckpointTensors _tensors;
    private readonly IReadOnlyList<ParameterSpec> _specs;
    private readonly bool _headIsNew;
    private readonly long _seed;

    // The tensor of each parameter, by the parameter's name.
    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);
    private readonly List<string> _unused = [];

    public CheckpointAssembly(string folder, EncoderConfig config, CheckpointTensors tensors, bool headIsNew, long seed)
    {
        _folder = folder;
        _config = config;
        _tensors = tensors;
        _headIsNew = headIsNew;
        _seed = seed;
        _specs = config.Architecture.GetParameters(config);
        MatchNames();
    }

    public Checkpoint Build()
    {
        HashSet<ParameterRole> fresh = FreshRoles();
        foreach (ParameterSpec spec in _specs)
        {
            if (!fresh.Contains(spec.Role))
            {
                CheckShape(spec);
            }
        }

        var initialized = new List<string>();
        ParameterSet parameters = ParameterSet.Allocate(_specs);
        foreach (ParameterSpec spec in _specs)
        {
            Span<float> values = parameters[spec.Name].Values.Span;
            if (fresh.Contains(spec.Role))
            {
                ParameterInitializer.Fill(spec, _config, _seed, values);
                initialized.Add(spec.Name);
                continue;
            }

            (SafetensorsFile file, SafetensorsTensor tensor) = _tensors[_sources[spec.Name]];
            file.Read(tensor, values);
        }

        // A head that gives way to another set of labels is left aside like any other tensor without a place.
        IEnumerable<string> replaced = _specs.Where(spec => fresh.Contains(spec.Role) && _sources.ContainsKey(spec.Name)).Select(spec => _sources[spec.Name]);
        return new Checkpoint(_config, parameters, new CheckpointReport
        {
            Files = _tensors.Files,
            InitializedParameters = initialized,
            UnusedTensors = [.. _unused.Concat(replaced)],
            Seed = _seed,
        });
    }

    private void MatchNames()
    {
        var specs = new HashSet<string>(_specs.Select(spec => spec.Name), StringComparer.Ordinal);
        foreach (string name in _tensors.Names)
        {
            string modern = name.EndsWith("LayerNorm.gamma", StringComparison.Ordinal) ? name[..^"gamma".Length] + "weight"
                : name.EndsWith("LayerNorm.beta", StringComparison.Ordinal) ? name[..^"beta".Length] + "bias"
                : name;
            string prefixed = _config.Architecture.Prefix + modern;
            string? target = specs.Contains(modern) ? modern : specs.Contains(prefixed) ? prefixed : null;
            if (target is not null)
            {
                if (!_sources.TryAdd(target, name))
                {
                    Throw.InvalidData($"{_folder}: the tensors '{_sources[target]}' and '{name}' both are parameter '{target}', expected one. Remove the other.");
                }
            }
            else if (!name.EndsWith("embeddings.position_ids", StringComparison.Ordinal))
            {
                // position_ids is 0, 1, 2, ..., which older versions stored.
                _unused.Add(name);
            }
        }
    }

    // Head and pooler are made anew when the checkpoint has nothing of them; a part of them alone is an error.
    private HashSet<ParameterRole> FreshRoles()
    {
        var fresh = new HashSet<ParameterRole>();
        foreach (IGrouping<ParameterRole, ParameterSpec> group in _specs.GroupBy(spec => spec.Role))
        {
            ParameterSpec[] missing = [.. group.Where(spec => !_sources.ContainsKey(spec.Name))];
            bool mayBeFresh = group.Key is ParameterRole.Head or ParameterRole.Pooler;
            if (group.Key == ParameterRole.Head && _headIsNew)
            {
                fresh.Add(group.Key);
            }
            else if (mayBeFresh && missing.Length == group.Count())
            {
                fresh.Add(group.Key);
            }
            else if (missing.Length > 0)
            {
                string more = missing.Length > 1 ? $" and {missing.Length - 1} more" : "";
                Throw.InvalidData($"{_folder}: tensor '{missing[0].Name}'{more} is missing from {string.Join(", ", _tensors.Files.Select(Path.GetFileName))}, expected shape [{string.Join(", ", missing[0].Shape)}]. Use a complete checkpoint of model_type {_config.ModelType}.");
            }
        }

        return fresh;
    }

    private void CheckShape(ParameterSpec spec)
    {
        (SafetensorsFile file, SafetensorsTensor tensor) = _tensors[_sources[spec.Name]];
        if (tensor.Shape.SequenceEqual(spec.Shape))
        {
            return;
        }

        string found = $"{file.FilePath}: tensor '{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}], expected [{string.Join(", ", spec.Shape)}]";
        bool rowsDiffer = tensor.Shape.Count == spec.Shape.Count && tensor.Shape.Skip(1).SequenceEqual(spec.Shape.Skip(1));
        Throw.InvalidData(
            rowsDiffer && spec.Name.StartsWith("classifier.", StringComparison.Ordinal) ? $"{found}: config.json has {_config.Labels.Count} labels (id2label), the head has {tensor.Shape[0]} rows. Correct id2label, or give the labels to get a fresh head."
            : rowsDiffer && spec.Name.EndsWith(WordEmbeddings, StringComparison.Ordinal) ? $"{found}: config.json has vocab_size {_config.VocabularySize}, the word embeddings have {tensor.Shape[0]} rows. Use the config.json of this checkpoint."
            : $"{found} by config.json. Use the config.json of this checkpoint.");
    }
}
