using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Checkpoints;

namespace GoEmotions.Onnx.Training.Tests.Checkpoints;

public sealed class CheckpointFolderTests
{
    private const string Full = "No space left on device";

    private static readonly TrainingOptions NineSteps = SmallTraining.Options with { MaxSteps = 9, Patience = null };

    [Fact]
    public void CheckpointFolder_ManyCheckpoints_KeepsTheNewest()
    {
        using var temporary = new TemporaryFolder();
        Train(temporary.Root, keep: 2);
        Assert.Equal([".lock", "step-00000008.safetensors", "step-00000009.safetensors"], Names(temporary.Root));
    }

    [Fact]
    public void CheckpointFolder_SaveAtAnEarlierStep_RemovesTheLaterOnes()
    {
        using var temporary = new TemporaryFolder();
        using CheckpointFolder folder = CheckpointFolder.Open(temporary.Root);
        foreach (int step in new[] { 5, 9, 7 })
        {
            folder.Save(step, stream => stream.WriteByte(1));
        }

        Assert.Equal([".lock", "step-00000005.safetensors", "step-00000007.safetensors"], Names(temporary.Root));
    }

    [Fact]
    public void CheckpointFolder_WhatAKilledProcessLeft_IsRemovedAndNothingElse()
    {
        using var temporary = new TemporaryFolder();
        temporary.Write("step-00000007.safetensors.0123456789abcdef.tmp", "half");
        temporary.Write("notes.tmp", "mine");
        temporary.Write("step-7.safetensors", "not a name of ours");
        using CheckpointFolder folder = CheckpointFolder.Open(temporary.Root);
        Assert.Equal([".lock", "notes.tmp", "step-7.safetensors"], Names(temporary.Root));
        Assert.Empty(folder.Files);
        Assert.Null(folder.OpenLatest(out IReadOnlyList<string> notes));
        Assert.Empty(notes);
    }

    [Fact]
    public void CheckpointFolder_InUse_IsRefused()
    {
        using var temporary = new TemporaryFolder();
        using (CheckpointFolder.Open(temporary.Root))
        {
            Assert.Contains("is in use by another training", Assert.Throws<IOException>(() => CheckpointFolder.Open(temporary.Root)).Message);
        }

        using CheckpointFolder again = CheckpointFolder.Open(temporary.Root);
        Assert.Throws<ArgumentOutOfRangeException>(() => CheckpointFolder.Open(temporary.Root, keep: 0));
    }

    [Fact]
    public void CheckpointFolder_DiskFullAtAnyByte_KeepsTheEarlierCheckpointAndLeavesNothing()
    {
        using var temporary = new TemporaryFolder();
        string earlier = Train(temporary.Root, keep: 1);
        byte[] bytes = File.ReadAllBytes(earlier);
        var random = new DeterministicRandom(5);
        foreach (int end in new[] { 0, 1, 7, 8, 9, bytes.Length - 33, bytes.Length - 32, bytes.Length - 1 }.Concat(Enumerable.Range(0, 60).Select(_ => random.Next(bytes.Length))))
        {
            using (CheckpointFolder folder = CheckpointFolder.Open(temporary.Root, 1, file => new FullStream(file, end)))
            {
                IOException error = Assert.Throws<IOException>(() => folder.Save(10, stream =>
                {
                    foreach (byte[] chunk in bytes.Chunk(1000))
                    {
                        stream.Write(chunk);
                    }
                }));
                Assert.Contains($"step-00000010.safetensors: the checkpoint of step 10 could not be written: {Full}. The checkpoint before it is intact: {earlier}", error.Message);
            }

            Assert.Equal([".lock", Path.GetFileName(earlier)], Names(temporary.Root));
            Assert.Equal(bytes, File.ReadAllBytes(earlier));
        }
    }

    [Fact]
    public void Trainer_DiskFullWithinATraining_CanBeResumedToTheSameEnd()
    {
        using var expected = new TemporaryFolder();
        CheckpointContent content = CheckpointContent.Read(Train(expected.Root, keep: 1));
        using var temporary = new TemporaryFolder();
        int left = 5;
        using (CheckpointFolder folder = CheckpointFolder.Open(temporary.Root, 1, file => --left > 0 ? file : new FullStream(file, 5000)))
        {
            using Trainer trainer = SmallTraining.Create(NineSteps);
            Assert.Contains("step 5 could not be written", Assert.Throws<IOException>(() => trainer.Run(new TrainingRunOptions { Checkpoints = folder, CheckpointSteps = 1 }, TestContext.Current.CancellationToken)).Message);
        }

        content.AssertSame(CheckpointContent.Read(Train(temporary.Root, keep: 1)));
    }

    [Fact]
    public void TrainingCheckpoint_CutOffAnywhere_IsRefusedAndTheOneBeforeIsTaken()
    {
        using var temporary = new TemporaryFolder();
        Train(temporary.Root, keep: 2);
        byte[] bytes = File.ReadAllBytes(Newest(temporary.Root));
        int data = 8 + (int)BitConverter.ToInt64(bytes);
        var random = new DeterministicRandom(6);
        int[] lengths = [0, 1, 7, 8, 9, 100, data - 1, data, data + 1, bytes.Length / 2, bytes.Length - 33, bytes.Length - 32, bytes.Length - 31, bytes.Length - 1, .. Enumerable.Range(0, 50).Select(_ => random.Next(bytes.Length))];
        foreach (int length in lengths)
        {
            AssertPassedOver(temporary.Root, bytes[..length]);
        }

        AssertPassedOver(temporary.Root, [.. bytes, 0]);
    }

    [Fact]
    public void TrainingCheckpoint_OneBitFlipped_IsRefusedAndTheOneBeforeIsTaken()
    {
        using var temporary = new TemporaryFolder();
        Train(temporary.Root, keep: 2);
        byte[] bytes = File.ReadAllBytes(Newest(temporary.Root));
        int data = 8 + (int)BitConverter.ToInt64(bytes);
        var random = new DeterministicRandom(7);
        int[] places = [.. Enumerable.Range(0, 16), .. Enumerable.Range(bytes.Length - 32, 32), .. Enumerable.Range(0, 150).Select(_ => random.Next(data)), .. Enumerable.Range(0, 150).Select(_ => random.Next(bytes.Length))];
        foreach (int place in places)
        {
            byte[] damaged = [.. bytes];
            damaged[place] ^= (byte)(1 << random.Next(8));
            AssertPassedOver(temporary.Root, damaged);
        }
    }

    [Fact]
    public void CheckpointFolder_AllDamaged_IsAnErrorThatNamesThem()
    {
        using var temporary = new TemporaryFolder();
        temporary.Write("step-00000003.safetensors", "damaged");
        temporary.Write("step-00000004.safetensors", "");
        using CheckpointFolder folder = CheckpointFolder.Open(temporary.Root);
        string message = Assert.Throws<InvalidDataException>(() => folder.OpenLatest(out _)).Message;
        Assert.StartsWith($"{temporary.Root} holds no checkpoint that is whole. ", message);
        Assert.Contains("step-00000003", message);
        Assert.Contains("step-00000004", message);
    }

    [Fact]
    public void TrainingCheckpoint_SafetensorsFileOfAModel_IsNoCheckpoint()
    {
        using var temporary = new TemporaryFolder();
        SafetensorsFile.Write(temporary["model.safetensors"], [new Parameter("weight", [2], new float[] { 1, 2 })]);
        Assert.Contains("model.safetensors is a safetensors file of 1 tensors, but no checkpoint of a training", Assert.Throws<InvalidDataException>(() => TrainingCheckpoint.Open(temporary["model.safetensors"])).Message);
        Assert.Throws<FileNotFoundException>(() => TrainingCheckpoint.Open(temporary["none.safetensors"]));
    }

    [Fact]
    public void TrainingCheckpoint_OtherTools_ReadTheParametersByTheirNames()
    {
        using var temporary = new TemporaryFolder();
        using SafetensorsFile file = SafetensorsFile.Open(Train(temporary.Root, keep: 1));
        Assert.Equal("pt", file.Metadata["format"]);
        foreach (string prefix in new[] { "", "exp_avg.", "exp_avg_sq.", "best." })
        {
            Assert.True(file.TryGet(prefix + "classifier.weight", out SafetensorsTensor? tensor));
            Assert.Equal([2, 16], tensor!.Shape);
        }
    }

    // Trains, or goes on training, with a checkpoint after each step, and gives the last one's file.
    private static string Train(string path, int keep)
    {
        using CheckpointFolder folder = CheckpointFolder.Open(path, keep);
        using Trainer trainer = SmallTraining.Create(NineSteps);
        using (TrainingCheckpoint? latest = folder.OpenLatest(out _))
        {
            if (latest is not null)
            {
                trainer.Restore(latest);
            }
        }

        return trainer.Run(new TrainingRunOptions { Checkpoints = folder, CheckpointSteps = 1 }, TestContext.Current.CancellationToken).CheckpointPath!;
    }

    private static void AssertPassedOver(string path, byte[] damaged)
    {
        string newest = Newest(path);
        File.WriteAllBytes(newest, damaged);
        Assert.Contains(newest, Assert.Throws<InvalidDataException>(() => TrainingCheckpoint.Open(newest).Dispose()).Message);
        using CheckpointFolder folder = CheckpointFolder.Open(path);
        using TrainingCheckpoint? latest = folder.OpenLatest(out IReadOnlyList<string> notes);
        Assert.Equal(8, latest!.State.StepNumber);
        Assert.EndsWith("Passed over.", Assert.Single(notes));
    }

    private static string Newest(string path) => Path.Combine(path, "step-00000009.safetensors");

    private static IEnumerable<string> Names(string path) => Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal);

    /// <summary>A file on a disk that is full after some bytes.</summary>
    private sealed class FullStream(Stream file, long end) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => throw new NotSupportedException();
        }

        public override void Flush() => file.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            int room = (int)Math.Min(buffer.Length, end - file.Position);
            file.Write(buffer[..room]);
            if (room < buffer.Length)
            {
                throw new IOException(Full);
            }
        }
    }
}
