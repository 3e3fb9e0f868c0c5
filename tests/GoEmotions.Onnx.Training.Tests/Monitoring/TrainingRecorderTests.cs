using System.Text.Json;
using GoEmotions.Onnx.Training.Monitoring;

namespace GoEmotions.Onnx.Training.Tests.Monitoring;

public sealed class TrainingRecorderTests
{
    [Fact]
    public void RecordFraming_KnownBytes_HaveTheirChecksum()
    {
        // RFC 3720, B.4: the CRC-32C of 32 zero bytes is 0x8a9136aa.
        const uint Crc = 0x8a9136aa;
        Assert.Equal(unchecked(((Crc >> 15) | (Crc << 17)) + 0xa282ead8), RecordFraming.MaskedCrc(new byte[32]));
        Assert.Equal(0xa282ead8, RecordFraming.MaskedCrc([]));
    }

    [Fact]
    public void TrainingRecorder_Steps_StandInBothFiles()
    {
        using var folder = new TemporaryFolder();
        Record(folder.Root, null, 1, 25, stepCount: 25);
        Assert.Equal([10, 20, 25], TrainingHistory.LoadSteps(folder["metrics.jsonl"]).Select(point => point.StepNumber));
        TrainingPoint second = TrainingHistory.LoadSteps(folder["metrics.jsonl"])[1];
        Assert.Equal(15.5, second.Loss);
        Assert.Equal(8 / 0.5, second.SamplesPerSecond!.Value, 1e-9);
        List<(long Step, string? Version, bool IsStart, Dictionary<string, float> Scalars)> events = EventFile.Read(Assert.Single(Directory.GetFiles(folder.Root, TrainingRecorder.EventFilePrefix + "*")));
        Assert.Equal("brain.Event:2", events[0].Version);
        Assert.Equal([10L, 20, 25], events.Skip(1).Select(entry => entry.Step));
        Assert.Equal(15.5f, events[2].Scalars["train/loss"]);
        Assert.Equal(0.25f, events[2].Scalars["train/learning_rate"]);
        Assert.False(events[2].IsStart);
    }

    [Fact]
    public void TrainingRecorder_Resumed_HoldsNoStepTwice()
    {
        using var folder = new TemporaryFolder();
        Record(folder.Root, null, 1, 40, stepCount: 100);
        File.AppendAllText(folder["metrics.jsonl"], """{"kind":"train","st""");
        Record(folder.Root, 20, 21, 60, stepCount: 100);
        Assert.Equal([10, 20, 30, 40, 50, 60], TrainingHistory.LoadSteps(folder["metrics.jsonl"]).Select(point => point.StepNumber));
        string[] files = [.. Directory.GetFiles(folder.Root, TrainingRecorder.EventFilePrefix + "*").Order(StringComparer.Ordinal)];
        Assert.Equal(2, files.Length);
        Assert.Equal((21L, true), (EventFile.Read(files[1])[1].Step, EventFile.Read(files[1])[1].IsStart));
    }

    [Fact]
    public void TrainingRecorder_FolderWithARun_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Record(folder.Root, null, 1, 10, stepCount: 10);
        Assert.Throws<IOException>(() => TrainingRecorder.Open(folder.Root));
        Assert.Equal(10, Assert.Single(TrainingHistory.LoadSteps(folder["metrics.jsonl"])).StepNumber);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("""{"kind":"other","step":1,"epoch":1}""")]
    [InlineData("""{"kind":"train","epoch":1}""")]
    public void TrainingRecorder_ForeignLine_IsNamed(string line)
    {
        using var folder = new TemporaryFolder();
        folder.Write("metrics.jsonl", line + "\n");
        Assert.Contains("metrics.jsonl:1:", Assert.Throws<InvalidDataException>(() => TrainingRecorder.Open(folder.Root, resumedAtStep: 5)).Message);
    }

    [Fact]
    public void TrainingRecorder_Line_IsThereBeforeTheNext()
    {
        using var folder = new TemporaryFolder();
        using TrainingRecorder recorder = TrainingRecorder.Open(folder.Root, stepInterval: 1);
        recorder.Record(Progress(1, 100));
        using var stream = new FileStream(folder["metrics.jsonl"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Assert.Equal(1, JsonDocument.Parse(stream).RootElement.GetProperty("step").GetInt32());
    }

    private static void Record(string folder, int? resumedAtStep, int first, int last, int stepCount)
    {
        using TrainingRecorder recorder = TrainingRecorder.Open(folder, resumedAtStep);
        for (int step = first; step <= last; step++)
        {
            recorder.Record(Progress(step, stepCount));
        }
    }

    private static TrainingProgress Progress(int step, int stepCount) => new()
    {
        EpochNumber = 1,
        StepNumber = step,
        StepCount = stepCount,
        Loss = step,
        LearningRate = 0.25,
        GradientNorm = 2,
        Samples = step * 8,
        Tokens = step * 80,
        TrainingTime = TimeSpan.FromSeconds(step * 0.5),
    };
}
