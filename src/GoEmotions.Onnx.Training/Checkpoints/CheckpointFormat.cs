namespace GoEmotions.Onnx.Training.Checkpoints;

/// <summary>The keys and names of a checkpoint file. <c>docs/training.md</c> describes it.</summary>
internal static class CheckpointFormat
{
    public const string VersionKey = "goemotions_checkpoint";
    public const string Version = "1";
    public const string StateKey = "state";
    public const string FingerprintKey = "fingerprint";
    public const string EnvironmentKey = "environment";

    /// <summary>The last tensor: the SHA-256 of all bytes of the file before it.</summary>
    public const string ChecksumName = "sha256";
}
