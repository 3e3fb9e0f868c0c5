namespace GoEmotions.Onnx.Cli.Downloads;

/// <summary>How files are downloaded.</summary>
internal sealed record DownloadOptions
{
    /// <summary>What stands in for scheme and host of the files' public homes, or null.</summary>
    public string? Mirror { get; init; }

    /// <summary>Whether a file with other content is replaced.</summary>
    public bool Replace { get; init; }

    /// <summary>How often a file is tried before giving up.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The pause before the second attempt; each later one is longer by as much.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a server may say nothing.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Takes a line about a retry.</summary>
    public Action<string> Note { get; init; } = _ => { };
}
