using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GoEmotions.Onnx.Cli.Tests.Downloads;

/// <summary>An HTTP server on the loopback interface that answers each request as a test says.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Request, int, Answer> _answer;

    public LocalServer(Func<Request, int, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = ServeAsync();
    }

    public string Address { get; }

    public List<Request> Requests { get; } = [];

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = AnswerAsync(client);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // The client went away, as a cancelled one does, or the test is over.
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await AnswerAsync(client.GetStream());
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // As above.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string path = (await reader.ReadLineAsync(_stop.Token))!.Split(' ')[1];
        long? from = null;
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
            {
                from = long.Parse(line.Split('=')[1].TrimEnd('-'));
            }
        }

        var request = new Request(path, from);
        Requests.Add(request);
        Answer answer = _answer(request, Requests.Count);
        string range = answer.Status == 206 ? $"Content-Range: bytes {from}-{from + answer.Length - 1}/{from + answer.Length}\r\n" : "";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {answer.Status} Status\r\nContent-Length: {answer.Length}\r\n{range}Connection: close\r\n\r\n"), _stop.Token);
        await stream.WriteAsync(answer.Body, _stop.Token);
        if (answer.Stalls)
        {
            await stream.FlushAsync(_stop.Token);
            await Task.Delay(TimeSpan.FromSeconds(20), _stop.Token);
        }
    }

    internal sealed record Request(string Path, long? From);

    /// <param name="Status">The status code.</param>
    /// <param name="Body">What is sent.</param>
    /// <param name="Length">What the header promises.</param>
    /// <param name="Stalls">Whether the connection stays open without another byte.</param>
    internal sealed record Answer(int Status, byte[] Body, int Length, bool Stalls = false)
    {
        public static Answer Whole(byte[] content) => new(200, content, content.Length);

        public static Answer Rest(byte[] content, long from) => new(206, content[(int)from..], content.Length - (int)from);

        /// <summary>The connection ends in the middle.</summary>
        public static Answer Cut(byte[] content, long from, int end) => new(from > 0 ? 206 : 200, content[(int)from..end], content.Length - (int)from);

        public static Answer Failure(int status) => new(status, [], 0);
    }
}
