using System.Text.Json;

namespace GoEmotions.Onnx.Graphs.Weights;

/// <summary>The tensors of a checkpoint's folder: one safetensors file, or several that an index names. Owns the files.</summary>
internal sealed class CheckpointTensors : IDisposable
{
    public const string SingleFileName = "model.safetensors";
    public const string IndexFileName = "model.safetensors.index.json";
    private const string PickleFileName = "pytorch_model.bin";
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> _tensors = new(StringComparer.Ordinal);

    private CheckpointTensors()
    {
    }

    public IEnumerable<string> Names => _tensors.Keys;

    public IReadOnlyList<string> Files => [.. _files.Select(file => file.FilePath)];

    public static CheckpointTensors Open(string folder)
    {
        var tensors = new CheckpointTensors();
        try
        {
            tensors.OpenFiles(folder);
            return tensors;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    public (SafetensorsFile File, SafetensorsTensor Tensor) this[string name] => _tensors[name];

    public void Dispose()
    {
        foreach (SafetensorsFile file in _files)
        {
            file.Dispose();
        }
    }

    private void OpenFiles(string folder)
    {
        string single = Path.Combine(folder, SingleFileName);
        string index = Path.Combine(folder, IndexFileName);
        if (File.Exists(single))
        {
            SafetensorsFile file = Add(single);
            foreach (SafetensorsTensor tensor in file.Tensors)
            {
                _tensors.Add(tensor.Name, (file, tensor));
            }
        }
        else if (File.Exists(index))
        {
            OpenShards(folder, index);
        }
        else if (File.Exists(Path.Combine(folder, PickleFileName)))
        {
            Throw.InvalidData($"{Path.Combine(folder, PickleFileName)} is a Python pickle, which runs code when it is read, so it is not read. Convert it once with Hugging Face's tools: AutoModel.from_pretrained(folder).save_pretrained(folder, safe_serialization=True).");
        }
        else
        {
            throw new FileNotFoundException($"{folder} has no {SingleFileName} and no {IndexFileName}, expected one of them. Give the folder of a checkpoint with its weights.", single);
        }
    }

    private SafetensorsFile Add(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        _files.Add(file);
        return file;
    }

    private void OpenShards(string folder, string index)
    {
        using JsonDocument document = JsonFile.Load(index, "an index of safetensors shards");
        if (!document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
        {
            Throw.InvalidData($"{index} has no object 'weight_map', expected one of tensor names and file names.");
        }

        var shards = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            string? shard = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString() : null;

            // The name comes from the file: it must not lead out of the folder.
            if (string.IsNullOrEmpty(shard) || shard is "." or ".." || shard.AsSpan().IndexOfAny("/\\:\0") >= 0)
            {
                Throw.InvalidData($"{index}: tensor '{entry.Name}' is in the file {entry.Value.GetRawText()}, expected the name of a file in the same folder.");
            }

            if (!shards.TryGetValue(shard, out SafetensorsFile? file))
            {
                file = Add(Path.Combine(folder, shard));
                shards.Add(shard, file);
            }

            if (!file.TryGet(entry.Name, out SafetensorsTensor? tensor))
            {
                Throw.InvalidData($"{index}: tensor '{entry.Name}' is not in '{shard}', expected it there. The shards and their index are of different models.");
            }

            if (!_tensors.TryAdd(entry.Name, (file, tensor!)))
            {
                Throw.InvalidData($"{index}: tensor '{entry.Name}' stands twice in weight_map, expected distinct names.");
            }
        }
    }
}
