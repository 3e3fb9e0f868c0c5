using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using GoEmotions.Onnx.Cli.Commands;
using GoEmotions.Onnx.Cli.Downloads;
using Answer = GoEmotions.Onnx.Cli.Tests.Downloads.LocalServer.Answer;

namespace GoEmotions.Onnx.Cli.Tests.Downloads;

public sealed class FetchCommandTests : IDisposable
{
    private static readonly byte[] Content = MakeContent(300_000);
    private readonly TemporaryFolder _folder = new();

    private string Destination => _folder["out/goemotions/data.bin"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Fetch_WholePinnedIsWrittenAndNotFetchedAgain()
    {
        using var server = new LocalServer((_, _) => Answer.Whole(Content));
        CommandRun run = await Fetch(server.Address);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Content, File.ReadAllBytes(Destination));
        Assert.Single(Directory.GetFiles(_folder["out/goemotions"]));
        Assert.Equal("/some/where/data.bin", Assert.Single(server.Requests).Path);
        Assert.Contains("there already", (await Fetch(server.Address)).Error);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Fetch_CutConnection_GoesOnWhereItEnded()
    {
        using var server = new LocalServer((request, number) => number switch
        {
            1 => Answer.Cut(Content, 0, 100_000),
            2 => Answer.Cut(Content, request.From!.Value, 200_000),
            _ => Answer.Rest(Content, request.From!.Value),
        });
        CommandRun run = await Fetch(server.Address);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Content, File.ReadAllBytes(Destination));
        Assert.Equal([null, 100_000L, 200_000L], server.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task Fetch_ServerWithoutRanges_StartsAnew()
    {
        using var server = new LocalServer((_, number) => number == 1 ? Answer.Cut(Content, 0, 100_000) : Answer.Whole(Content));
        CommandRun run = await Fetch(server.Address);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Content, File.ReadAllBytes(Destination));
    }

    [Fact]
    public async Task Fetch_EndsTooOften_KeepsWhatCameForTheNextRun()
    {
        using (var server = new LocalServer((request, _) => Answer.Cut(Content, request.From ?? 0, (int)(request.From ?? 0) + 50_000)))
        {
            CommandRun run = await Fetch(server.Address);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("Gave up after 3 attempts", run.Error);
            Assert.False(File.Exists(Destination));
            Assert.Equal(3, server.Requests.Count);
        }

        using var second = new LocalServer((request, _) => Answer.Rest(Content, request.From!.Value));
        Assert.Equal(0, (await Fetch(second.Address)).ExitCode);
        Assert.Equal(150_000, Assert.Single(second.Requests).From);
        Assert.Equal(Content, File.ReadAllBytes(Destination));
    }

    [Fact]
    public async Task Fetch_OtherContent_IsNotKept()
    {
        byte[] other = [.. Content];
        other[150_000] ^= 1;
        using var server = new LocalServer((_, _) => Answer.Whole(other));
        string line = (await Fetch(server.Address)).FailsWithOneLine();
        Assert.Contains(Hash(other), line);
        Assert.Contains(Hash(Content), line);
        Assert.Empty(Directory.GetFiles(_folder["out/goemotions"]));
    }

    [Theory]
    [InlineData(299_999)]
    [InlineData(300_001)]
    public async Task Fetch_OtherSize_IsRefusedBeforeItsContent(int size)
    {
        using var server = new LocalServer((_, _) => Answer.Whole(MakeContent(size)));
        string line = (await Fetch(server.Address)).FailsWithOneLine();
        Assert.Contains($"{size} bytes, expected 300000", line);
        Assert.False(File.Exists(Destination));
    }

    [Fact]
    public async Task Fetch_NotFound_NamesTheAddress()
    {
        using var server = new LocalServer((_, _) => Answer.Failure(404));
        string line = (await Fetch(server.Address)).FailsWithOneLine();
        Assert.Contains($"{server.Address}/some/where/data.bin: the server answered 404", line);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Fetch_ServerError_IsTriedAgain()
    {
        using var server = new LocalServer((_, number) => number < 3 ? Answer.Failure(503) : Answer.Whole(Content));
        CommandRun run = await Fetch(server.Address);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("503", run.Error);
        Assert.Equal(Content, File.ReadAllBytes(Destination));
    }

    [Fact]
    public async Task Fetch_ServerThatStalls_IsTriedAgain()
    {
        using var server = new LocalServer((request, number) => number == 1 ? Answer.Cut(Content, 0, 100_000) with { Stalls = true } : Answer.Rest(Content, request.From ?? 0));
        CommandRun run = await Fetch(server.Address);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("nothing came for 2 s at byte 100000", run.Error);
        Assert.Equal(Content, File.ReadAllBytes(Destination));
    }

    [Fact]
    public async Task Fetch_NobodyListens_SaysSo()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        string line = (await Fetch($"http://127.0.0.1:{port}")).FailsWithOneLine();
        Assert.Contains("refused", line);
        Assert.Contains("--base-url", line);
    }

    [Fact]
    public async Task Fetch_FileWithOtherContent_IsKeptUnlessForced()
    {
        _folder.Write("out/goemotions/data.bin", "mine");
        using var server = new LocalServer((_, _) => Answer.Whole(Content));
        Assert.Contains("--force", (await Fetch(server.Address)).FailsWithOneLine());
        Assert.Equal("mine", File.ReadAllText(Destination));
        Assert.Equal(0, (await Fetch(server.Address, "--force")).ExitCode);
        Assert.Equal(Content, File.ReadAllBytes(Destination));
    }

    [Fact]
    public async Task FileDownload_Cancelled_KeepsWhatCame()
    {
        using var server = new LocalServer((request, number) => number == 1 ? Answer.Cut(Content, 0, 100_000) with { Stalls = true } : Answer.Rest(Content, request.From!.Value));
        using var download = new FileDownload(new DownloadOptions { Mirror = server.Address });
        using var cancel = new CancellationTokenSource();
        string destination = _folder["data.bin"];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download.RunAsync(Pinned, destination, bytes => CancelAt(bytes, cancel), cancel.Token));
        Assert.Equal(100_000, new FileInfo(destination + ".partial").Length);
        Assert.True(await download.RunAsync(Pinned, destination, _ => { }, TestContext.Current.CancellationToken));
        Assert.Equal(100_000, server.Requests[1].From);
        Assert.Equal(Content, File.ReadAllBytes(destination));

        static void CancelAt(long bytes, CancellationTokenSource cancel)
        {
            if (bytes == 100_000)
            {
                cancel.Cancel();
            }
        }
    }

    [Fact]
    public void PinnedFiles_OnThisMachine_HaveTheirHash()
    {
        foreach ((string name, string path) in new[] { ("train.tsv", "data/goemotions/train.tsv"), ("dev.tsv", "data/goemotions/dev.tsv"), ("labels.txt", "data/goemotions/labels.txt"), ("vocab.txt", "data/bert-base-uncased/vocab.txt") })
        {
            PinnedFile pinned = PinnedFiles.All.Single(file => file.Name == name);
            byte[] content = File.ReadAllBytes(TestFiles.Shared(path));
            Assert.Equal((pinned.SizeInBytes, pinned.Sha256), (content.LongLength, Hash(content)));
        }
    }

    [Fact]
    public void PinnedFiles_All_ArePinned()
    {
        foreach (PinnedFile file in PinnedFiles.All)
        {
            Assert.Matches("^[0-9a-f]{64}$", file.Sha256);
            Assert.Matches("/[0-9a-f]{40}/", file.Address(null).AbsolutePath);
            Assert.Equal("https", file.Address(null).Scheme);
        }
    }

    private static PinnedFile Pinned => new("goemotions", "data.bin", "https://example.invalid", "some/where/data.bin", Content.Length, Hash(Content));

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] MakeContent(int length)
    {
        var content = new byte[length];
        new Random(7).NextBytes(content);
        return content;
    }

    private async Task<CommandRun> Fetch(string address, params string[] more)
    {
        var error = new StringWriter { NewLine = "\n" };
        var console = new CliConsole { Input = TextReader.Null, Output = TextWriter.Null, Error = error };
        Command command = FetchCommand.Create(console, [Pinned], new DownloadOptions { Attempts = 3, RetryDelay = TimeSpan.FromMilliseconds(20), StallTimeout = TimeSpan.FromSeconds(2) });
        try
        {
            return new CommandRun(await command.Parse(["--out", _folder["out"], "--base-url", address, .. more]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken), "", error.ToString());
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            error.WriteLine($"error: {ErrorLine.Of(failure)}");
            return new CommandRun(1, "", error.ToString());
        }
    }
}
