using GoEmotions.Onnx.Graphs.Serving;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>The names of what is compared, as the results have them.</summary>
internal static class ServingSide
{
    public const string Float32 = "fp32";
    public const string Int8 = "int8";
    public const string PadTo128 = "pad to 128";
    public const string PadToLongest = "pad to longest";
    public const string TorchSharp = "TorchSharp";
    public const string TransformersJs = "transformers.js";

    public static string Of(ServingPrecision precision) => precision == ServingPrecision.Int8 ? Int8 : Float32;
}
