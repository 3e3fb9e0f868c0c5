using System.Text;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Protobuf;
using GoEmotions.Onnx.Graphs.Tests.Encoders;
using GoEmotions.Onnx.Graphs.Weights;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Graphs.Tests;

public sealed class ModelFileTests
{
    public static TheoryData<string, string> ForeignFiles { get; } = new()
    {
        { "", "is empty (0 bytes), expected an ONNX file." },
        { "<html><body>404</body></html>", "found a web page or XML text" },
        { "{\"model_type\": \"bert\"}", "found JSON text" },
        { "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "found a Git LFS pointer" },
        { "PK\u0003\u0004rest of an archive", "found a ZIP archive" },
    };

    [Fact]
    public void ModelFile_SavedModel_LoadsEqual()
    {
        using var folder = new TemporaryFolder();
        ModelProto model = ClassifierGraph.FromCheckpoint(ClassifierGraphTests.Small("bert", HiddenActivation.Gelu)).ToModel();
        string path = folder["model.onnx"];
        ModelFile.Save(model, path);
        ModelFile.Save(model, path);
        Assert.Equal(model, ModelFile.Load(path));
        Assert.Equal(["model.onnx"], Directory.EnumerateFileSystemEntries(folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void ModelFile_UnknownFields_SurviveARoundTrip()
    {
        using var folder = new TemporaryFolder();
        byte[] known = GraphCheckerTests.Model().ToByteArray();

        // Field 999 of the model, type bytes.
        byte[] unknown = [0xBA, 0x3E, 0x03, 1, 2, 3];
        string path = folder.Write("model.onnx", [.. known, .. unknown]);
        ModelProto model = ModelFile.Load(path);
        ModelFile.Save(model, path);
        byte[] again = File.ReadAllBytes(path);
        Assert.True(again.AsSpan().IndexOf(unknown) >= 0);
        Assert.Equal(known.Length + unknown.Length, again.Length);
    }

    [Theory]
    [MemberData(nameof(ForeignFiles))]
    public void ModelFile_ForeignFile_SaysWhatWasFound(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.onnx", content);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ModelFile.Load(path));
        Assert.StartsWith(path, error.Message);
        Assert.Contains(expected, error.Message);
        if (content.Length > 0)
        {
            Assert.Contains($"({Encoding.UTF8.GetByteCount(content)} bytes) is not an ONNX model, or is cut off", error.Message);
        }
    }

    [Fact]
    public void ModelFile_MissingFileOrFolder_IsNamed()
    {
        using var folder = new TemporaryFolder();
        FileNotFoundException missing = Assert.Throws<FileNotFoundException>(() => ModelFile.Load(folder["none.onnx"]));
        Assert.Equal($"{folder["none.onnx"]} does not exist, expected an ONNX file. Check the path.", missing.Message);
        Assert.Equal($"{folder.Root} is a folder, expected an ONNX file.", Assert.Throws<InvalidDataException>(() => ModelFile.Load(folder.Root)).Message);
        Assert.Throws<DirectoryNotFoundException>(() => ModelFile.Save(GraphCheckerTests.Model(), folder["no/such/folder.onnx"]));
    }

    [Fact]
    public void ModelFile_CutAnywhere_IsRefusedOrSound()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = GraphCheckerTests.Model().ToByteArray();
        for (int length = 1; length < whole.Length; length++)
        {
            string path = folder.Write("cut.onnx", whole.AsSpan(0, length));
            try
            {
                // A cut between two fields may leave a smaller model: only then may it load.
                Assert.True(ModelFile.Load(path).OpsetImport.Count > 0);
            }
            catch (InvalidDataException error)
            {
                Assert.Contains($"({length} bytes) is not an ONNX model, or is cut off", error.Message);
            }
        }
    }

    [Fact]
    public void ModelFile_MutatedBytes_NeverCrash()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        using var folder = new TemporaryFolder();
        byte[] sound = ClassifierGraph.FromCheckpoint(ClassifierGraphTests.Small("distilbert", HiddenActivation.Relu)).ToModel().ToByteArray();

        // The start holds the nodes, the end the operator sets; between them are weights, where a change means nothing.
        int structured = Array.FindLastIndex(sound, 6000, value => value != 0);
        long before = GC.GetTotalAllocatedBytes();
        int loaded = 0;
        const int Rounds = 1500;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = (byte[])sound.Clone();
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                bytes[random.Next(random.Next(2) == 0 ? bytes.Length : structured)] = (byte)random.Next(256);
            }

            string path = folder.Write("mutant.onnx", bytes);
            try
            {
                ModelProto model = ModelFile.Load(path);
                loaded++;
                GraphChecker.Check(model);
                ModelSummary.Of(model);
            }
            catch (Exception error) when (error is InvalidDataException or IOException)
            {
                Assert.Contains("mutant.onnx", error.Message);
            }
        }

        Assert.InRange(loaded, 1, Rounds - 1);

        // A length that lies must not be allocated: on average a round stays below 40 times the file.
        long perRound = (GC.GetTotalAllocatedBytes() - before) / Rounds;
        Assert.True(perRound < 40L * sound.Length, $"{perRound} bytes a round for a file of {sound.Length} (seed {Seed})");
    }

    [Fact]
    public void ModelFile_AboveTheLimit_StoresTensorsBesideAndRuns()
    {
        using var folder = new TemporaryFolder();
        MakeClassifier(out ModelProto model, out Batch batch);
        string path = folder["large.onnx"];
        ModelFile.Save(model, path, maximalFileSizeInBytes: 20_000);
        Assert.True(File.Exists(path + ".data"));
        Assert.InRange(new FileInfo(path).Length, 1, 20_000);
        Assert.Equal(model, ModelFile.Load(path));

        // ONNX Runtime reads the same pair of files.
        using var session = new InferenceSession(path, OnnxRun.Options());
        Assert.Equal(OnnxRun.Run(model, batch.Inputs(model))[0].Floats, OnnxRun.Run(session, batch.Inputs(model))[0].Floats);
    }

    [Fact]
    public void ModelFile_GraphAboveTheLimitItself_IsRefused()
    {
        using var folder = new TemporaryFolder();
        MakeClassifier(out ModelProto model, out _);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ModelFile.Save(model, folder["large.onnx"], maximalFileSizeInBytes: 500));
        Assert.Contains("the model without its tensors has", error.Message);
        Assert.False(File.Exists(folder["large.onnx"]));
    }

    [Theory]
    [InlineData("../secret.bin", "expected a relative path within the model's folder")]
    [InlineData("/etc/passwd", "expected a relative path within the model's folder")]
    [InlineData("C:\\secret.bin", "expected a relative path within the model's folder")]
    [InlineData("a/../../secret.bin", "expected a relative path within the model's folder")]
    [InlineData("", "expected a relative path within the model's folder")]
    [InlineData("link.bin", "outside the model's folder")]
    [InlineData("linked/secret.bin", "outside the model's folder")]
    public void ModelFile_ExternalPathOutOfTheFolder_IsRefused(string location, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("secret.bin", new byte[8]);
        Directory.CreateDirectory(folder["model"]);
        File.CreateSymbolicLink(folder["model/link.bin"], folder["secret.bin"]);
        Directory.CreateSymbolicLink(folder["model/linked"], folder.Root);
        string path = folder["model/model.onnx"];
        ModelFile.Save(External(location, 0, 8), path);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ModelFile.Load(path));
        Assert.StartsWith($"{path}: tensor 'w' names the file '{location}'", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("4", "8", "tensor 'w' is at bytes 4 to 12 of 'w.bin', which has 8.")]
    [InlineData("9", "0", "tensor 'w' is at bytes 9 to 9 of 'w.bin', which has 8.")]
    [InlineData("9223372036854775807", "9223372036854775807", "which has 8.")]
    [InlineData("0", "4", "tensor 'w' has 4 bytes in 'w.bin', expected 8 for float[2].")]
    [InlineData("-1", "8", "tensor 'w' has the offset '-1', expected a number of 0 or more.")]
    [InlineData("0", "eight", "tensor 'w' has the length 'eight', expected a number of 0 or more.")]
    public void ModelFile_ExternalRangeOutOfTheFile_IsRefused(string offset, string length, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[8]);
        ModelProto model = External("w.bin", 0, 8);
        model.Graph.Initializer[0].ExternalData[1].Value = offset;
        model.Graph.Initializer[0].ExternalData[2].Value = length;
        ModelFile.Save(model, folder["model.onnx"]);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => ModelFile.Load(folder["model.onnx"])).Message);
    }

    [Fact]
    public void ModelFile_ExternalFileMissingOrHuge_IsRefused()
    {
        using var folder = new TemporaryFolder();
        ModelProto model = External("w.bin", 0, 8);
        ModelFile.Save(model, folder["model.onnx"]);
        Assert.Contains("expected the tensors of", Assert.Throws<FileNotFoundException>(() => ModelFile.Load(folder["model.onnx"])).Message);

        folder.Write("w.bin", new byte[8]);
        model.Graph.Initializer[0].Dims[0] = 1L << 40;
        ModelFile.Save(model, folder["model.onnx"]);
        Assert.Contains("expected at most 2147483647 bytes in one tensor", Assert.Throws<InvalidDataException>(() => ModelFile.Load(folder["model.onnx"])).Message);
    }

    [Fact]
    public void ModelFile_LinkWithinTheFolder_IsFollowed()
    {
        using var folder = new TemporaryFolder();
        folder.Write("blob", [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]);
        File.CreateSymbolicLink(folder["w.bin"], folder["blob"]);
        ModelFile.Save(External("w.bin", 0, 8), folder["model.onnx"]);
        Assert.Equal(8, ModelFile.Load(folder["model.onnx"]).Graph.Initializer[0].RawData.Length);
    }

    private static void MakeClassifier(out ModelProto model, out Batch batch)
    {
        Checkpoint checkpoint = ClassifierGraphTests.Small("bert", HiddenActivation.Gelu);
        model = ClassifierGraph.FromCheckpoint(checkpoint).ToModel();
        batch = Batch.Random(2, 5, seed: 8, checkpoint.Config.VocabularySize);
    }

    private static ModelProto External(string location, long offset, long length)
    {
        ModelProto model = GraphCheckerTests.Model();
        TensorProto w = model.Graph.Initializer[0];
        w.ClearRawData();
        w.DataLocation = TensorProto.Types.DataLocation.External;
        w.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        w.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{offset}" });
        w.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{length}" });
        return model;
    }
}
