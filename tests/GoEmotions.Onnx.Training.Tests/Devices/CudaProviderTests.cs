using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Training.Devices;

namespace GoEmotions.Onnx.Training.Tests.Devices;

public sealed class CudaProviderTests
{
    [Fact]
    public void CudaProvider_BuildForTheProcessor_SaysWhichPackageIsMissing()
    {
        Assert.SkipWhen(CudaProvider.IsBuiltIn, "this build of ONNX Runtime has the CUDA provider");
        IReadOnlyList<ParameterSpec> parameters = TrainingGraph.Create(EncoderConfig.Create(EncoderSize.Tiny, 33, ["a"])).Parameters;
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => new ParameterBuffers(parameters, _ => true, TrainingDevice.Cuda(1)));
        Assert.Contains("cuda:1", error.Message, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    // What ONNX Runtime 1.29 said on a machine without CUDA, what its source says on Windows, and CUDA's own words for its error codes.
    [Theory]
    [InlineData("FAIL : Failed to load library /app/libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory\n", "the library libcublasLt.so.13 (CUDA 13.x) is missing")]
    [InlineData("Failed to load library /app/libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot open shared object file: No such file or directory", "the library libcudnn.so.9 (cuDNN 9.x) is missing")]
    [InlineData("Failed to load library /app/libonnxruntime_providers_cuda.so with error: libcufft.so.12: cannot open shared object file", "the library libcufft.so.12 (version 12) is missing")]
    [InlineData("""Error loading "C:\app\onnxruntime_providers_cuda.dll" which depends on "cublasLt64_13.dll" which is missing. (Error 126)""", "the library cublasLt64_13.dll (CUDA 13.x) is missing")]
    [InlineData("CUDA failure 101: invalid device ordinal ; GPU=2 ; expr=cudaSetDevice(info_.device_id);", "no GPU of the number 2")]
    [InlineData("CUDA failure 100: no CUDA-capable device is detected ; GPU=-1", "CUDA finds no GPU")]
    [InlineData("CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version", "the NVIDIA driver is older")]
    [InlineData("something\nnobody foresaw", "something nobody foresaw")]
    public void CudaProvider_Failure_NamesWhatIsMissing(string message, string expected)
    {
        string description = CudaProvider.Describe(2, message);
        Assert.StartsWith("cuda:2: ", description, StringComparison.Ordinal);
        Assert.Contains(expected, description, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', description);
        Assert.Contains("--device cpu", description, StringComparison.Ordinal);
    }
}
