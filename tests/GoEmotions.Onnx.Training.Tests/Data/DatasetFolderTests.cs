using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class DatasetFolderTests
{
    private static readonly EmotionDataset Dataset = EmotionDataset.Create(
        EmotionLabels.Create("calm", "très fâché"),
        new EmotionExample { Text = "Ça va?\n", Labels = LabelSet.Create(0, 1), Id = "x", Source = "a", LineNumber = 1 });

    internal static DataReport EmptyReport { get; } = new()
    {
        Read = 0,
        Kept = 0,
        Merged = 0,
        Dropped = new Dictionary<string, DroppedRows>(),
        Unclear = 0,
        Unlabeled = 0,
        DuplicateTexts = 0,
        LabelsBefore = new Dictionary<string, int>(),
        LabelsAfter = new Dictionary<string, int>(),
        Sources = [],
        Warnings = [],
    };

    private static DatasetSplit Split { get; } = new() { Train = Dataset, Dev = Dataset };

    [Fact]
    public void Write_NewFolder_HoldsTheFilesAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        DatasetFolder.Write(folder["a/b/set"], Split with { Test = Dataset }, EmptyReport);
        Assert.Equal(["data-report.json", "dev.jsonl", "labels.txt", "test.jsonl", "train.jsonl"], FileNames(folder["a/b/set"]));
        Assert.Equal(["set"], Directory.GetFileSystemEntries(folder["a/b"]).Select(Path.GetFileName));
        Assert.Equal("{\"text\":\"Ça va?\\n\",\"labels\":[\"calm\",\"très fâché\"],\"id\":\"x\"}\n", File.ReadAllText(folder["a/b/set/dev.jsonl"]));
        Assert.Equal("calm\ntrès fâché\n", File.ReadAllText(folder["a/b/set/labels.txt"]));
        Assert.True(DatasetFolder.Exists(folder["a/b/set"]));
        Assert.False(DatasetFolder.Exists(folder["a/b"]));
    }

    [Fact]
    public void Write_EmptyFolder_IsFilled()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["set"]);
        DatasetFolder.Write(folder["set"] + "/", Split, EmptyReport);
        Assert.Equal(["data-report.json", "dev.jsonl", "labels.txt", "train.jsonl"], FileNames(folder["set"]));
    }

    [Fact]
    public void Write_ExistingDataSet_IsReplacedOnlyWhenAsked()
    {
        using var folder = new TemporaryFolder();
        string path = folder["set"];
        DatasetFolder.Write(path, Split with { Test = Dataset }, EmptyReport);
        string message = Assert.Throws<IOException>(() => DatasetFolder.Write(path, Split, EmptyReport)).Message;
        Assert.Equal($"{path} exists and is not empty. Choose another directory, or allow to replace it (--force).", message);
        DatasetFolder.Write(path, Split, EmptyReport, overwrite: true);
        Assert.Equal(["data-report.json", "dev.jsonl", "labels.txt", "train.jsonl"], FileNames(path));
        Assert.Equal(["set"], Directory.GetFileSystemEntries(folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void Write_FolderWithOtherFiles_IsNeverReplaced()
    {
        using var folder = new TemporaryFolder();
        string thesis = folder.Write("set/thesis.txt", "years of work");
        string message = Assert.Throws<IOException>(() => DatasetFolder.Write(folder["set"], Split, EmptyReport, overwrite: true)).Message;
        Assert.Equal($"{folder["set"]} holds 'thesis.txt', which would be lost. Move it away, delete the directory, or choose another.", message);
        message = Assert.Throws<IOException>(() => DatasetFolder.Write(thesis, Split, EmptyReport)).Message;
        Assert.Equal($"{thesis} is a file, expected a directory to write. Choose another path.", message);
        Assert.Equal("years of work", File.ReadAllText(thesis));
    }

    [Fact]
    public void Write_Failure_LeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        string path = folder["set"];
        DatasetFolder.Write(path, Split, EmptyReport);
        string before = File.ReadAllText(folder["set/train.jsonl"]);
        EmotionDataset other = EmotionDataset.Create(Dataset.Labels, Dataset[0] with { Text = "other" });
        DataReport unwritable = EmptyReport with { Dropped = new ThrowingDictionary() };
        Assert.Throws<InvalidOperationException>(() => DatasetFolder.Write(path, Split with { Train = other }, unwritable, overwrite: true));
        Assert.Equal(["set"], Directory.GetFileSystemEntries(folder.Root).Select(Path.GetFileName));
        Assert.Equal(before, File.ReadAllText(folder["set/train.jsonl"]));
    }

    [Fact]
    public void Load_IncompleteRow_IsRefused()
    {
        using var folder = new TemporaryFolder();
        DatasetFolder.Write(folder["set"], Split, EmptyReport);
        string path = folder.Write("set/dev.jsonl", "{\"text\": \"a\"}\n");
        string message = Assert.Throws<InvalidDataException>(() => DatasetFolder.Load(folder["set"])).Message;
        Assert.Equal($"{path}:1: 'labels' is missing, expected it in every line of a data set folder. Write the folder anew with 'goemotions data'.", message);
    }

    private static IEnumerable<string?> FileNames(string path) => Directory.GetFileSystemEntries(path).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    /// <summary>Fails in the middle of writing the report, the last file.</summary>
    private sealed class ThrowingDictionary : Dictionary<string, DroppedRows>, IReadOnlyDictionary<string, DroppedRows>
    {
        IEnumerator<KeyValuePair<string, DroppedRows>> IEnumerable<KeyValuePair<string, DroppedRows>>.GetEnumerator() => throw new InvalidOperationException("disk on fire");
    }
}
