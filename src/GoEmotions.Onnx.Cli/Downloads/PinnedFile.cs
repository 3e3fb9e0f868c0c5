namespace GoEmotions.Onnx.Cli.Downloads;

/// <summary>A file of the internet whose content is known beforehand.</summary>
/// <param name="Folder">The folder below the destination.</param>
/// <param name="Name">The name it gets.</param>
/// <param name="Home">Scheme and host of its public home.</param>
/// <param name="Path">The path there, and at a mirror.</param>
/// <param name="SizeInBytes">Its size.</param>
/// <param name="Sha256">The SHA-256 of its content, lower-case hexadecimal.</param>
internal sealed record PinnedFile(string Folder, string Name, string Home, string Path, long SizeInBytes, string Sha256)
{
    /// <summary>Where it is downloaded from.</summary>
    /// <param name="mirror">What stands in for scheme and host, or null for its public home.</param>
    public Uri Address(string? mirror) => new($"{(mirror ?? Home).TrimEnd('/')}/{Path}");
}
