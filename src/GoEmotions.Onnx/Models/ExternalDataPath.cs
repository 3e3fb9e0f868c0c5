namespace GoEmotions.Onnx.Models;

/// <summary>Where a model's tensors outside of its file may stand: in real files at or below its folder.</summary>
internal static class ExternalDataPath
{
    /// <summary>Checks a place that a model names.</summary>
    /// <param name="modelFile">The model's file.</param>
    /// <param name="location">The place, relative to the model's folder.</param>
    /// <returns>The file's full path.</returns>
    /// <exception cref="InvalidDataException">The place is absolute, leaves the folder, passes through a link, or is no file.</exception>
    public static string Resolve(string modelFile, string location)
    {
        // A backslash parts folders on Windows and is a letter elsewhere: no exporter writes one.
        string[] parts = location.Split('/');
        if (location.Length == 0 || Path.IsPathRooted(location) || location.AsSpan().IndexOfAny("\\:\0") >= 0)
        {
            Refuse(modelFile, location, "is no relative path");
        }

        if (parts.Contains(".."))
        {
            Refuse(modelFile, location, "leaves the model's folder");
        }

        string path = Path.GetDirectoryName(Path.GetFullPath(modelFile))!;
        foreach (string part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                Refuse(modelFile, location, $"passes through the link '{part}'");
            }
        }

        if (!File.Exists(path))
        {
            Refuse(modelFile, location, "does not exist");
        }

        return path;
    }

    private static void Refuse(string modelFile, string location, string reason) =>
        Throw.InvalidData($"{modelFile}: tensors stand in the file '{location}', which {reason}, expected a file of the model's own folder. Take the model from its source again, or export it in one piece.");
}
