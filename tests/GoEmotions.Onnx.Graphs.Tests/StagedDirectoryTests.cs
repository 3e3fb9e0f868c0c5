namespace GoEmotions.Onnx.Graphs.Tests;

public sealed class StagedDirectoryTests
{
    private static readonly HashSet<string> Replaceable = ["a.txt", "b.txt"];

    [Fact]
    public void StagedDirectory_Committed_TakesItsPlace()
    {
        using var folder = new TemporaryFolder();
        using (StagedDirectory staged = StagedDirectory.Create(folder["deep/out"]))
        {
            File.WriteAllText(Path.Combine(staged.Path, "a.txt"), "new");
            Assert.False(Directory.Exists(folder["deep/out"]));
            staged.Commit();
        }

        Assert.Equal("new", File.ReadAllText(folder["deep/out/a.txt"]));
        Assert.Equal(["out"], Directory.EnumerateFileSystemEntries(folder["deep"]).Select(Path.GetFileName));
    }

    [Fact]
    public void StagedDirectory_NotCommitted_LeavesNothingAndKeepsTheOldOne()
    {
        using var folder = new TemporaryFolder();
        folder.Write("out/a.txt", "old");
        using (StagedDirectory staged = StagedDirectory.Create(folder["out"], Replaceable))
        {
            File.WriteAllText(Path.Combine(staged.Path, "a.txt"), "new");
        }

        Assert.Equal("old", File.ReadAllText(folder["out/a.txt"]));
        Assert.Equal(["out"], Directory.EnumerateFileSystemEntries(folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void StagedDirectory_ReplacedDestination_HoldsTheNewFilesOnly()
    {
        using var folder = new TemporaryFolder();
        folder.Write("out/b.txt", "old");
        using (StagedDirectory staged = StagedDirectory.Create(folder["out/"], Replaceable))
        {
            File.WriteAllText(Path.Combine(staged.Path, "a.txt"), "new");
            staged.Commit();
        }

        Assert.Equal(["a.txt"], Directory.EnumerateFileSystemEntries(folder["out"]).Select(Path.GetFileName));
        Assert.Equal(["out"], Directory.EnumerateFileSystemEntries(folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void StagedDirectory_ExistingDestination_IsRefusedUnlessReplaceable()
    {
        using var folder = new TemporaryFolder();
        folder.Write("out/thesis.txt", "mine");
        folder.Write("file", "mine");
        IOException error = Assert.Throws<IOException>(() => StagedDirectory.Create(folder["out"]));
        Assert.EndsWith("exists and is not empty. Choose another directory, or allow to replace it (--force).", error.Message);
        error = Assert.Throws<IOException>(() => StagedDirectory.Create(folder["out"], Replaceable));
        Assert.EndsWith("holds 'thesis.txt', which would be lost. Move it away, delete the directory, or choose another.", error.Message);
        error = Assert.Throws<IOException>(() => StagedDirectory.Create(folder["file"]));
        Assert.EndsWith("is a file, expected a directory to write. Choose another path.", error.Message);
        Assert.Equal("mine", File.ReadAllText(folder["out/thesis.txt"]));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(folder.Root).Count());
    }

    [Fact]
    public void StagedDirectory_LeftByAKilledProcess_IsRemovedByTheNext()
    {
        using var folder = new TemporaryFolder();
        folder.Write(".out.partial-999999999-0badcafe/model.safetensors", "half");
        folder.Write($".out.partial-{Environment.ProcessId}-0badcafe/model.safetensors", "another thread's");
        using StagedDirectory staged = StagedDirectory.Create(folder["out"]);
        Assert.False(Directory.Exists(folder[".out.partial-999999999-0badcafe"]));
        Assert.True(Directory.Exists(folder[$".out.partial-{Environment.ProcessId}-0badcafe"]));
    }
}
