using System.Numerics.Tensors;
using System.Text.Json;
using GoEmotions.Onnx.Graphs.Weights;

namespace GoEmotions.Onnx.Cli.Tests;

/// <summary><c>goemotions train --teachers</c>, from two teachers with different vocabularies to a model, and what may go wrong.</summary>
public sealed class TrainWithTeachersTests : IClassFixture<SmallModel>, IDisposable
{
    private readonly SmallModel _model;
    private readonly TemporaryFolder _folder = new();

    public TrainWithTeachersTests(SmallModel model)
    {
        _model = model;
        _folder.Write("data.jsonl", SmallModel.LabelledTexts);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_TwoTeachers_LearnsFromTheirMeanAndResumesWithoutThem()
    {
        string[] teachers = await MakeTeachers();
        CommandRun run = await Train("run", ["--checkpoint-steps", "1", "--keep", "100", "--teachers", .. teachers, "--teacher-weight", "0.6"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("training texts scored by 2 teachers", run.Error);
        using (JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(_folder["run/run.json"])))
        {
            string[] arguments = [.. json.RootElement.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()!)];
            Assert.Equal(["--teachers", .. teachers.Select(Path.GetFullPath), "--teacher-weight", "0.6"], arguments.SkipWhile(argument => argument != "--teachers").Take(5));
            JsonElement settings = json.RootElement.GetProperty("settings");
            Assert.Equal((string.Join(", ", teachers), "0.6"), (settings.GetProperty("teachers").GetString(), settings.GetProperty("weight of the teachers").GetString()));
        }

        byte[] model = Model("run");
        CommandRun alone = await Train("alone", []);
        Assert.True(alone.ExitCode == 0, alone.Error);
        Assert.NotEqual(Model("alone"), model);

        // As if it had been killed after its third step, on a machine that has not the teachers.
        foreach (string file in Directory.GetFiles(_folder["run/checkpoints"], "*.safetensors").Order().Skip(3))
        {
            File.Delete(file);
        }

        Directory.Delete(_folder["run/model"], recursive: true);
        Directory.Move(_folder["second"], _folder["moved"]);
        CommandRun resumed = await CommandRun.Of("train", "--out", _folder["run"], "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains("going on from step-00000003.safetensors", resumed.Error);
        Assert.Equal(model, Model("run"));
        Assert.Contains("--teachers is ", (await CommandRun.Of("train", "--out", _folder["run"], "--resume", "--teachers", teachers[0])).FailsWithOneLine());

        File.Move(_folder["run/teachers.safetensors"], _folder["kept.safetensors"]);
        CommandRun without = await CommandRun.Of("train", "--out", _folder["run"], "--resume");
        Assert.Equal(1, without.ExitCode);
        Assert.Contains("teachers.safetensors does not exist, expected the teachers' probabilities", without.Error);
    }

    [Fact]
    public async Task Train_TwoTeachers_KeepsTheMeanOfTheirProbabilities()
    {
        string[] teachers = await MakeTeachers();
        CommandRun run = await Train("run", ["--threshold-data", "none", "--dev", _folder.Write("other.jsonl", """{"text": "a word of thanks", "labels": ["joy"]}""" + "\n"), "--teachers", .. teachers]);
        Assert.True(run.ExitCode == 0, run.Error);
        string[] texts = [.. File.ReadLines(_folder["data.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!)];
        var expected = new float[texts.Length * 28];
        foreach (string path in teachers)
        {
            using EmotionClassifier teacher = CheckpointClassifier.Load(path, _ => { });
            var scores = new float[expected.Length];
            teacher.Score(texts, scores);
            TensorPrimitives.MultiplyAdd(scores, 0.5f, expected, expected);
        }

        using SafetensorsFile file = SafetensorsFile.Open(_folder["run/teachers.safetensors"]);
        SafetensorsTensor tensor = Assert.Single(file.Tensors);
        Assert.Equal(("teacher_probabilities", "60, 28"), (tensor.Name, string.Join(", ", tensor.Shape)));
        var found = new float[expected.Length];
        file.Read(tensor, found);

        // Sums of two float32 numbers below 1; the batches are the same.
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(_folder["run/run.json"]));
        Assert.Equal("0.7", json.RootElement.GetProperty("settings").GetProperty("weight of the teachers").GetString());
    }

    [Fact]
    public async Task Train_TeacherThatIsNotThere_IsRefusedBeforeAnyScores()
    {
        CommandRun run = await Train("run", ["--teachers", _model.Directory, _folder["nowhere"]]);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"error: {_folder["nowhere"]} does not exist, expected a model directory", LastLine(run));
        Assert.DoesNotContain("scored", run.Error);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public async Task Train_TeacherWithOtherLabels_IsRefusedWithTheFirstThatDiffers()
    {
        Assert.Equal(0, (await CommandRun.Of("init", "--size", "tiny", "--vocab", _model["vocab.txt"], "--labels", _folder.Write("names.txt", "admiration\nboredom\n"), "--out", _folder["other"])).ExitCode);
        CommandRun run = await Train("run", ["--teachers", _model.Directory, _folder["other"]]);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"error: {_folder["other"]}: the teacher has 2 labels, expected the data's 28 in their order; label 1 is 'boredom', expected 'amusement'.", LastLine(run));
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Theory]
    [InlineData("--teacher-weight is 0.5 without --teachers", "--teacher-weight", "0.5")]
    [InlineData("--teacher-weight is 1.5, expected a number from 0 to 1", "--teachers", "DIR", "--teacher-weight", "1.5")]
    [InlineData("--teacher-weight is 'half', expected a number", "--teachers", "DIR", "--teacher-weight", "half")]
    [InlineData("--focal and --teachers exclude each other", "--teachers", "DIR", "--focal", "2")]
    [InlineData("--label-smoothing and --teachers exclude each other", "--teachers", "DIR", "--label-smoothing", "0.1")]
    [InlineData("missing for option: '--teachers'", "--teachers")]
    [InlineData("--focal is 'strong', expected a number", "--teachers", "DIR", "--focal", "strong")]
    [InlineData("--teacher-weight is half without --teachers", "--teacher-weight", "half")]
    public async Task Train_WrongTeacherOptions_ExitsWithTwoAndOneLine(string expected, params string[] options)
    {
        CommandRun run = await Train("run", [.. options.Select(option => option == "DIR" ? _model.Directory : option)]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        Assert.False(Directory.Exists(_folder["run"]));
    }

    private async Task<string[]> MakeTeachers()
    {
        // The second has a vocabulary of its own and no ONNX graph.
        Assert.Equal(0, (await CommandRun.Of("vocab", "--size", "500", "--out", _folder["vocab.txt"])).ExitCode);
        Assert.Equal(0, (await CommandRun.Of("init", "--size", "1x64x2", "--vocab", _folder["vocab.txt"], "--seed", "8", "--out", _folder["second"])).ExitCode);
        return [_model.Directory, _folder["second"]];
    }

    // The data have no positive example of most labels, which is warned of before.
    private static string LastLine(CommandRun run) => run.Error.TrimEnd('\n').Split('\n')[^1];

    private Task<CommandRun> Train(string output, string[] options) =>
        CommandRun.Of(["train", "--data", _folder["data.jsonl"], "--base", _model.Directory, "--out", _folder[output], "--epochs", "2", "--batch-size", "8", .. options]);

    private byte[] Model(string run) => File.ReadAllBytes(_folder[$"{run}/model/model.safetensors"]);
}
