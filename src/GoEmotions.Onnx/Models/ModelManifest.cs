using System.Security.Cryptography;
using System.Text.Json;
using GoEmotions.Onnx.Tokenization;

namespace GoEmotions.Onnx.Models;

/// <summary>
/// A model directory's <c>manifest.json</c>: the size and SHA-256 of each file. Files are verified when a classifier loads them.
/// Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <c>{"format_version": 1, "files": {"onnx/model.onnx": {"size_in_bytes": 123, "sha256": "0f..."}}}</c>; paths are relative to the
/// directory, with <c>/</c>; members of other names are left to whoever wrote them.
/// </remarks>
public sealed class ModelManifest
{
    private const string FileName = "manifest.json";
    private const int FormatVersion = 1;

    private readonly string _directory;
    private readonly Dictionary<string, ManifestEntry> _entries;

    private ModelManifest(string directory, Dictionary<string, ManifestEntry> entries)
    {
        _directory = directory;
        _entries = entries;
    }

    /// <summary>The files that the manifest lists, relative to the model directory.</summary>
    public IReadOnlyCollection<string> Files => _entries.Keys;

    private string Path => System.IO.Path.Combine(_directory, FileName);

    /// <summary>Reads the manifest of a model directory.</summary>
    /// <param name="modelDirectory">The directory.</param>
    /// <returns>The manifest, or <see langword="null"/> where the directory has none.</returns>
    /// <exception cref="ArgumentException"><paramref name="modelDirectory"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no manifest of this format.</exception>
    public static ModelManifest? Find(string modelDirectory)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelDirectory);
        string path = System.IO.Path.Combine(modelDirectory, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return new ModelManifest(modelDirectory, ReadEntries(document.RootElement, path));
        }
        catch (JsonException error)
        {
            return Throw.InvalidData<ModelManifest>($"{path}({error.LineNumber + 1},{error.BytePositionInLine + 1}): not valid JSON, expected the manifest of a model directory. Take the directory from its source again.");
        }
    }

    /// <summary>Writes a manifest of files.</summary>
    /// <param name="modelDirectory">The directory, in which <c>manifest.json</c> is written or replaced.</param>
    /// <param name="files">The files to list, relative to the directory; they exist.</param>
    /// <exception cref="ArgumentException"><paramref name="modelDirectory"/> is null or empty, or <paramref name="files"/> is null.</exception>
    /// <exception cref="IOException">A file cannot be read, or the manifest cannot be written.</exception>
    public static void Write(string modelDirectory, IEnumerable<string> files)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelDirectory);
        ArgumentNullException.ThrowIfNull(files);
        var entries = new SortedDictionary<string, ManifestEntry>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            string name = file.Replace('\\', '/');
            entries[name] = Measure(System.IO.Path.Combine(modelDirectory, name));
        }

        AtomicFile.Write(System.IO.Path.Combine(modelDirectory, FileName), stream =>
        {
            using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
            writer.WriteStartObject();
            writer.WriteNumber("format_version", FormatVersion);
            writer.WriteStartObject("files");
            foreach ((string name, ManifestEntry entry) in entries)
            {
                writer.WriteStartObject(name);
                writer.WriteNumber("size_in_bytes", entry.SizeInBytes);
                writer.WriteString("sha256", entry.Sha256);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    /// <summary>Verifies a file against its entry.</summary>
    /// <param name="file">The file, relative to the model directory, with <c>/</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="file"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The manifest does not list the file, or the file's size or SHA-256 is another.</exception>
    public void Verify(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        if (!_entries.TryGetValue(file, out ManifestEntry expected))
        {
            Throw.InvalidData($"{Path}: '{file}' is not listed, expected every file that is loaded. Take the directory from its source again, or remove the file.");
        }

        string path = System.IO.Path.Combine(_directory, file);
        ManifestEntry found = Measure(path);
        if (found != expected)
        {
            Throw.InvalidData($"{path}: found {found}, expected {expected} as {FileName} says. The file was changed or is damaged; take it from its source again.");
        }
    }

    /// <summary>Verifies a file by its path.</summary>
    internal void VerifyFile(string path) => Verify(System.IO.Path.GetRelativePath(_directory, path).Replace('\\', '/'));

    /// <summary>Verifies what a classifier reads besides its graph, as far as it is there.</summary>
    internal void VerifyConfiguration()
    {
        foreach (string file in (ReadOnlySpan<string>)["config.json", "thresholds.json", .. TokenizerDefinition.FileNames])
        {
            if (File.Exists(System.IO.Path.Combine(_directory, file)))
            {
                Verify(file);
            }
        }
    }

    private static ManifestEntry Measure(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return new ManifestEntry(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private static Dictionary<string, ManifestEntry> ReadEntries(JsonElement root, string path)
    {
        JsonElement files = default;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("files", out files) || files.ValueKind != JsonValueKind.Object)
        {
            Throw.InvalidData($"{path}: 'files' is missing or no object, expected the size and SHA-256 of each file.");
        }

        if (root.TryGetProperty("format_version", out JsonElement version) && !(version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out int number) && number == FormatVersion))
        {
            Throw.InvalidData($"{path}: 'format_version' is {version.GetRawText()}, expected {FormatVersion}. Use the version of the program that wrote the file.");
        }

        var entries = new Dictionary<string, ManifestEntry>(StringComparer.Ordinal);
        foreach (JsonProperty file in files.EnumerateObject())
        {
            if (file.Value.ValueKind != JsonValueKind.Object
                || !file.Value.TryGetProperty("size_in_bytes", out JsonElement size) || size.ValueKind != JsonValueKind.Number || !size.TryGetInt64(out long sizeInBytes)
                || !file.Value.TryGetProperty("sha256", out JsonElement hash) || hash.ValueKind != JsonValueKind.String || hash.GetString() is not { Length: 64 } sha256)
            {
                Throw.InvalidData($"{path}: the entry of '{file.Name}' is {file.Value.GetRawText().ReplaceLineEndings(" ")}, expected 'size_in_bytes' and a 'sha256' of 64 hexadecimal digits.");
                continue;
            }

            entries[file.Name] = new ManifestEntry(sizeInBytes, sha256.ToLowerInvariant());
        }

        return entries;
    }
}
