using System.Collections.Frozen;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary>The entries of a model directory, which <c>--force</c> may replace.</summary>
internal static class ModelFileNames
{
    public static FrozenSet<string> All { get; } = new[]
    {
        "config.json", "model.safetensors", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", "onnx", "thresholds.json", "manifest.json", "README.md",
    }.ToFrozenSet(StringComparer.Ordinal);
}
