namespace GoEmotions.Onnx.Cli.Downloads;

/// <summary>What <c>goemotions fetch</c> downloads: the GoEmotions training and development splits, and bert-base-uncased.</summary>
/// <remarks>
/// The revisions are commits, so the content behind an address does not change. Sizes and SHA-256 are those that others have published
/// of these revisions; of train.tsv, dev.tsv, the labels, vocab.txt and tokenizer_config.json they were computed from the files as well.
/// </remarks>
internal static class PinnedFiles
{
    public const string DataFolder = "goemotions";
    public const string ModelFolder = "bert-base-uncased";

    private const string DataHome = "https://raw.githubusercontent.com";
    private const string DataPath = "google-research/google-research/8dadc6c56e2c2e51a9dd7e0d4bf2840922b4b6c0/goemotions/data/";
    private const string ModelHome = "https://huggingface.co";
    private const string ModelPath = "google-bert/bert-base-uncased/resolve/86b5e0934494bd15c9632b12f734a8a67f723594/";

    public static IReadOnlyList<PinnedFile> All { get; } =
    [
        Data("labels.txt", "emotions.txt", 248, "45c3ef86782d2a4d7fedcd6d8c111aa0d0e94720689bd164fac94fefb4495a89"),
        Data("dev.tsv", "dev.tsv", 439_059, "575489c079c9de1097062a01738f998590d6b7ead66dd1c9fd1d2ba01fd8bc62"),
        Data("train.tsv", "train.tsv", 3_519_053, "1c254a142be5c00e80d819b9ae1bbd36d94b2eeb8f4b1271846508d57e57d9c5"),
        Model("config.json", 570, "7160e1553ad2ca51d8c1cb066be533db31826e12d173824c1bb0cb1a4f187d20"),
        Model("tokenizer_config.json", 48, "a025160ef0431f1a392f6f050c1310f4c5d9fb6f275932dbccba73c4d214bf10"),
        Model("tokenizer.json", 466_062, "ce64fce797c24f68df90b40a3f74f579b336a493db14bd583fd520ea0d8c9a98"),
        Model("vocab.txt", 231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
        Model("model.safetensors", 440_449_768, "68d45e234eb4a928074dfd868cead0219ab85354cc53d20e772753c6bb9169d3"),
    ];

    private static PinnedFile Data(string name, string upstreamName, long size, string sha256) => new(DataFolder, name, DataHome, DataPath + upstreamName, size, sha256);

    private static PinnedFile Model(string name, long size, string sha256) => new(ModelFolder, name, ModelHome, ModelPath + name, size, sha256);
}
