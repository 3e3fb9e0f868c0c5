using GoEmotions.Onnx.Training.Monitoring;

namespace GoEmotions.Onnx.Cli.Runs;

/// <summary>The folder of a training: <c>run.json</c>, <c>teachers.safetensors</c> where there are teachers, <c>checkpoints/</c>, <c>metrics.jsonl</c>, TensorBoard's files, and at the end <c>model/</c> and <c>report.html</c>.</summary>
internal sealed class RunFolder(string path)
{
    private static readonly string[] Names = ["run.json", "teachers.safetensors", "checkpoints", TrainingRecorder.MetricsFileName, "model", "report.html"];

    /// <summary>The folder as the user wrote it.</summary>
    public string Path { get; } = path;

    public string ConfigurationFile => System.IO.Path.Combine(Path, "run.json");

    public string TeacherScores => System.IO.Path.Combine(Path, "teachers.safetensors");

    public string Checkpoints => System.IO.Path.Combine(Path, "checkpoints");

    public string MetricsFile => System.IO.Path.Combine(Path, TrainingRecorder.MetricsFileName);

    public string Model => System.IO.Path.Combine(Path, "model");

    public string Report => System.IO.Path.Combine(Path, "report.html");

    /// <summary>Throws where a new run may not be written.</summary>
    /// <param name="mayReplace">Whether an earlier run may be replaced; a folder that holds anything else never is.</param>
    public void CheckNew(bool mayReplace)
    {
        if (File.Exists(Path))
        {
            throw new IOException($"{Path} is a file, expected a folder to write. Choose another path.");
        }

        if (!Directory.Exists(Path) || !Directory.EnumerateFileSystemEntries(Path).Any())
        {
            return;
        }

        if (!mayReplace)
        {
            throw new IOException(File.Exists(ConfigurationFile)
                ? $"{Path} holds a run already. Go on with it by --resume, replace it by --force, or choose another folder."
                : $"{Path} exists and is not empty. Choose another folder.");
        }

        if (Directory.EnumerateFileSystemEntries(Path).FirstOrDefault(entry => !IsOfRun(entry)) is string other)
        {
            throw new IOException($"{Path} holds '{System.IO.Path.GetFileName(other)}', which is of no run and would be lost. Move it away, or choose another folder.");
        }
    }

    /// <summary>Makes the folder, without what an earlier run left.</summary>
    public void CreateNew()
    {
        Directory.CreateDirectory(Path);
        foreach (string entry in Directory.EnumerateFileSystemEntries(Path).Where(IsOfRun))
        {
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }
            else
            {
                File.Delete(entry);
            }
        }
    }

    private static bool IsOfRun(string entry)
    {
        string name = System.IO.Path.GetFileName(entry);
        return Names.Contains(name) || name.StartsWith(TrainingRecorder.EventFilePrefix, StringComparison.Ordinal) || name.StartsWith(".model.", StringComparison.Ordinal);
    }
}
