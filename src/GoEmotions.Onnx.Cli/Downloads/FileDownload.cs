using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace GoEmotions.Onnx.Cli.Downloads;

/// <summary>
/// Downloads files whose content is known: a partial file beside the destination is kept when the connection breaks and gone on with,
/// and takes the destination's name only when size and SHA-256 are right.
/// </summary>
internal sealed class FileDownload : IDisposable
{
    private const string PartialSuffix = ".partial";
    private const int BufferSize = 1 << 17;

    private readonly HttpClient _client;
    private readonly DownloadOptions _options;

    public FileDownload(DownloadOptions options)
    {
        _options = options;

        // The default handler follows HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; no proxy reaches this machine's own servers.
        var handler = new SocketsHttpHandler { UseProxy = !(options.Mirror is string mirror && new Uri(mirror).IsLoopback), ConnectTimeout = options.StallTimeout };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("goemotions", typeof(FileDownload).Assembly.GetName().Version!.ToString(3)));
    }

    /// <summary>Downloads a file, unless it is there already.</summary>
    /// <param name="file">The file.</param>
    /// <param name="destination">Where to put it; its folder exists.</param>
    /// <param name="onBytes">Is told how many bytes of the file are there.</param>
    /// <param name="cancellationToken">Ends the download; what has come is kept.</param>
    /// <returns>Whether anything was downloaded.</returns>
    public async Task<bool> RunAsync(PinnedFile file, string destination, Action<long> onBytes, CancellationToken cancellationToken)
    {
        if (File.Exists(destination))
        {
            string found = await HashAsync(destination, cancellationToken);
            if (found == file.Sha256)
            {
                onBytes(file.SizeInBytes);
                return false;
            }

            if (!_options.Replace)
            {
                throw new IOException($"{destination} exists with other content (SHA-256 {found}, expected {file.Sha256}). Move it away, or pass --force to replace it.");
            }
        }

        string partial = destination + PartialSuffix;
        try
        {
            await TryAsync(file, partial, onBytes, cancellationToken);
        }
        finally
        {
            if (new FileInfo(partial) is { Exists: true, Length: 0 })
            {
                File.Delete(partial);
            }
        }

        string sha256 = await HashAsync(partial, cancellationToken);
        if (sha256 != file.Sha256)
        {
            File.Delete(partial);
            throw new InvalidDataException($"{file.Address(_options.Mirror)}: the SHA-256 is {sha256}, expected {file.Sha256}. The server has another file, or a proxy changed it; it was not kept.");
        }

        File.Move(partial, destination, overwrite: true);
        return true;
    }

    public void Dispose() => _client.Dispose();

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    private async Task TryAsync(PinnedFile file, string partial, Action<long> onBytes, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await ReceiveAsync(file, partial, onBytes, cancellationToken);
                return;
            }
            catch (RetryableDownloadException error) when (attempt < _options.Attempts)
            {
                _options.Note($"{file.Name}: {error.Message} Attempt {attempt + 1} of {_options.Attempts} follows.");
                await Task.Delay(_options.RetryDelay * attempt, cancellationToken);
            }
            catch (RetryableDownloadException error)
            {
                throw new IOException($"{error.Message} Gave up after {attempt} attempts; the same command goes on where it ended.", error);
            }
        }
    }

    private async Task ReceiveAsync(PinnedFile file, string partial, Action<long> onBytes, CancellationToken cancellationToken)
    {
        await using var target = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        if (target.Length > file.SizeInBytes)
        {
            target.SetLength(0);
        }

        long start = target.Length;
        if (start < file.SizeInBytes)
        {
            Uri address = file.Address(_options.Mirror);
            using HttpResponseMessage response = await RequestAsync(address, start, cancellationToken);
            start = CheckResponse(response, address, start, file.SizeInBytes);
            target.SetLength(start);
            target.Position = start;
            await CopyAsync(response, address, target, file.SizeInBytes, onBytes, cancellationToken);
        }

        onBytes(file.SizeInBytes);
        target.Flush(flushToDisk: true);
    }

    private async Task<HttpResponseMessage> RequestAsync(Uri address, long start, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Range = start > 0 ? new RangeHeaderValue(start, null) : null;
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(_options.StallTimeout);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RetryableDownloadException($"{address}: no answer within {_options.StallTimeout.TotalSeconds:0} s.");
        }
        catch (HttpRequestException error) when (error.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError)
        {
            throw new IOException($"{address}: {Reason(error)}. Check the network and the proxy (HTTPS_PROXY), or name a mirror with --base-url.", error);
        }
        catch (HttpRequestException error)
        {
            throw new RetryableDownloadException($"{address}: {Reason(error)}.");
        }
    }

    /// <summary>Throws for an answer that is none; returns where in the file the answer begins.</summary>
    private static long CheckResponse(HttpResponseMessage response, Uri address, long start, long size)
    {
        int status = (int)response.StatusCode;
        if (status >= 500 || response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout)
        {
            throw new RetryableDownloadException($"{address}: the server answered {status} {response.ReasonPhrase}.");
        }

        if (response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw new InvalidDataException($"{address}: the server's file ends before byte {start}, expected {size} bytes. It is another file; delete the partial one and choose another mirror.");
        }

        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
        {
            throw new IOException($"{address}: the server answered {status} {response.ReasonPhrase}, expected the file. Check the address of the mirror, if there is one.");
        }

        // A server may pass over the range and send the whole file.
        long from = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From ?? start : 0;
        if (from > start)
        {
            throw new IOException($"{address}: the server sent bytes from {from} on, expected {start}. Choose another mirror.");
        }

        if (response.Content.Headers.ContentLength is long length && from + length != size)
        {
            throw new InvalidDataException($"{address}: the server's file has {from + length} bytes, expected {size}. It is another file; nothing was kept of it.");
        }

        return from;
    }

    private async Task CopyAsync(HttpResponseMessage response, Uri address, FileStream target, long size, Action<long> onBytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using Stream source = await response.Content.ReadAsStreamAsync(cancellationToken);
        while (target.Position <= size)
        {
            onBytes(target.Position);
            int count;
            try
            {
                stall.CancelAfter(_options.StallTimeout);
                count = await source.ReadAsync(buffer, stall.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new RetryableDownloadException($"{address}: nothing came for {_options.StallTimeout.TotalSeconds:0} s at byte {target.Position} of {size}.");
            }
            catch (Exception error) when (error is IOException or HttpRequestException)
            {
                throw new RetryableDownloadException($"{address}: the connection broke at byte {target.Position} of {size}.");
            }

            if (count == 0)
            {
                break;
            }

            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        if (target.Position < size)
        {
            throw new RetryableDownloadException($"{address}: the connection ended at byte {target.Position} of {size}.");
        }

        if (target.Position > size)
        {
            target.SetLength(0);
            throw new InvalidDataException($"{address}: the server's file has more than the expected {size} bytes. It is another file; nothing was kept of it.");
        }
    }

    private static string Reason(HttpRequestException error) => (error.InnerException?.Message ?? error.Message).TrimEnd('.');
}
