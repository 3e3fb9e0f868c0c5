namespace GoEmotions.Onnx.Graphs.Tests;

public sealed class StagedDirectoryTests
{
    [Fact]
    public void StagedDirectory_Commit_MovesAllAtOnce()
    {
        using var folder = new TemporaryFolder();
        string target = folder["model"];
        using (StagedDirectory staged = StagedDirectory.Create(target))
        {
            File.WriteAllText(Path.Combine(staged.FolderPath, "a.txt"), "a");
            Assert.False(Directory.Exists(target));
            staged.Commit();
            Assert.Throws<ObjectDisposedException>(staged.Commit);
        }

        Assert.Equal(["a.txt"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public void StagedDirectory_NoCommit_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using (StagedDirectory staged = StagedDirectory.Create(folder["model"]))
        {
            File.WriteAllText(Path.Combine(staged.FolderPath, "a.txt"), "a");
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public void StagedDirectory_TargetInUse_IsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model/a.txt", "a");
        Assert.Equal(
            $"{folder["model"]} holds files already, expected an empty folder or none. Choose another folder or remove it.",
            Assert.Throws<IOException>(() => StagedDirectory.Create(folder["model"])).Message);
        Assert.Equal(
            $"{folder["model/a.txt"]} is a file, expected a folder or nothing there. Choose another folder.",
            Assert.Throws<IOException>(() => StagedDirectory.Create(folder["model/a.txt"])).Message);

        Directory.CreateDirectory(folder["empty"]);
        using StagedDirectory staged = StagedDirectory.Create(folder["empty"] + Path.DirectorySeparatorChar);
        staged.Commit();
        Assert.True(Directory.Exists(folder["empty"]));
    }
}
