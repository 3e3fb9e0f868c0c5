namespace GoEmotions.Onnx.Cli.Downloads;

/// <summary>A download failed in a way that another attempt may mend.</summary>
internal sealed class RetryableDownloadException(string message) : IOException(message);
