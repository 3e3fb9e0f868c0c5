using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace GoEmotions.Onnx.Models;

/// <summary>The graph of a model directory that a classifier runs, screened.</summary>
internal sealed class ModelGraph
{
    private const string WeightBits = "goemotions.weight_bits";

    private ModelGraph(string file, ModelManifest? manifest)
    {
        File = file;
        manifest?.VerifyFile(file);
        Summary = OnnxScreening.ScreenFile(file);
        foreach (string location in Summary.ExternalFiles)
        {
            manifest?.VerifyFile(ExternalDataPath.Resolve(file, location));
        }
    }

    /// <summary>The graph's file.</summary>
    public string File { get; }

    /// <summary>What was read of it.</summary>
    public OnnxSummary Summary { get; }

    /// <summary>Whether this processor adds products of unsigned and signed bytes without saturating: AVX-VNNI, AVX-512 VNNI, or no x86 at all.</summary>
    public static bool MultipliesBytesExactly { get; } = DetectByteProducts();

    /// <summary>Chooses by the options, of what is there.</summary>
    /// <exception cref="FileNotFoundException">None of the variant's files is there.</exception>
    /// <exception cref="InvalidDataException">The file is refused, or is not that of the manifest.</exception>
    public static ModelGraph Choose(ModelDirectory directory, EmotionClassifierOptions options, ModelManifest? manifest)
    {
        string[] names = Candidates(options);
        string? refused = null;
        foreach (string name in names)
        {
            string file = directory.OnnxFile(name);
            if (!System.IO.File.Exists(file))
            {
                continue;
            }

            var graph = new ModelGraph(file, manifest);
            if (MultipliesBytesExactly || graph.Summary.Metadata.GetValueOrDefault(WeightBits) != "8")
            {
                return graph;
            }

            refused = $"{file}: its weights have 8 bits, which need a processor with VNNI instructions to be multiplied exactly; this one has none. Take the variant Fp32, or export with weights of 7 bits.";
            if (options.Variant == ModelVariant.Int8)
            {
                break;
            }
        }

        if (refused is not null)
        {
            Throw.InvalidData(refused);
        }

        string expected = directory.OnnxFile(names[^1]);
        Throw.FileNotFound(
            options.Variant is ModelVariant.Auto or ModelVariant.Fp32
                ? $"{expected} does not exist, expected the model as ONNX. Write it with 'goemotions init --onnx', or pass the graph to Create."
                : $"{directory.OnnxFile(names[0])} does not exist, expected the variant {options.Variant} of the model. Export it, or take the variant Auto.",
            expected);
        return null;
    }

    /// <summary>The files of the options' variant in the folder <c>onnx</c>, the preferred first.</summary>
    public static string[] Candidates(EmotionClassifierOptions options) => options.Variant switch
    {
        ModelVariant.Fp32 => ["serving.onnx", "model.onnx"],
        ModelVariant.Int8 => ["serving_int8.onnx", "model_quantized.onnx"],
        ModelVariant.Fp16 => ["serving_fp16.onnx", "model_fp16.onnx"],
        _ when options.ExecutionProvider == ExecutionProvider.Cuda => ["serving_fp16.onnx", "serving.onnx", "model.onnx"],
        _ => ["serving_int8.onnx", "serving.onnx", "model.onnx"],
    };

    // CPUID leaf 7: AVX512_VNNI is bit 11 of ECX in subleaf 0, AVX-VNNI bit 4 of EAX in subleaf 1.
    private static bool DetectByteProducts()
    {
        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.X86) || !X86Base.IsSupported)
        {
            return true;
        }

        return AvxVnni.IsSupported || (Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0) || (Avx2.IsSupported && (X86Base.CpuId(7, 1).Eax & (1 << 4)) != 0);
    }
}
