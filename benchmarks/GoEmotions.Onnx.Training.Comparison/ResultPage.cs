using System.Globalization;
using System.Text;
using GoEmotions.Onnx.Benchmarks;
using Microsoft.ML.OnnxRuntime;

namespace GoEmotions.Onnx.Training.Comparison;

/// <summary>The results as a page of Markdown.</summary>
internal sealed class ResultPage(int threads, bool isQuick)
{
    private readonly StringBuilder _steps = new();
    private readonly StringBuilder _real = new();
    private readonly StringBuilder _padded = new();

    public void AddSteps(StepCase step, Dictionary<string, (double Median, double Least)> times, Dictionary<string, double> peaks)
    {
        double ours = times[Sides.Ours].Median;
        _steps.AppendLine(CultureInfo.InvariantCulture, $"| {step.Model} | {step.Shape} | {Cell(Sides.Ours)} | {Cell(Sides.Torch)} | {Cell(Sides.TorchFused)} | {times[Sides.Torch].Median / ours:F2} | {times[Sides.TorchFused].Median / ours:F2} | {peaks[Sides.Ours]:F0} | {peaks[Sides.Torch]:F0} | {peaks[Sides.TorchFused]:F0} |");

        string Cell(string side) => string.Create(CultureInfo.InvariantCulture, $"{times[side].Median:F1} ({times[side].Least:F1})");
    }

    public void AddReal(RealData real) => _real.AppendLine(
        CultureInfo.InvariantCulture,
        $"| {real.Model} | {real.BatchSize} | {real.MeanLength:F1} | {real.SamplesPerSecond:F0} | {real.Predicted:F0} | {(real.SamplesPerSecond / real.Predicted) - 1:+0.0%;-0.0%} |");

    public void AddPadded(StepCase padded, Dictionary<string, (double Median, double Least)> times, RealData real)
    {
        foreach (string side in Sides.All)
        {
            double rate = padded.Batch * 1000 / times[side].Median;
            _padded.AppendLine(CultureInfo.InvariantCulture, $"| {side}, padded to {padded.Sequence}, batch {padded.Batch} | {rate:F1} | {real.SamplesPerSecond / rate:F1} |");
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        # Training steps beside PyTorch's

        {DateTime.UtcNow:yyyy-MM-dd}. {Machine.Describe()}. .NET {Environment.Version}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}, TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)} (libtorch {TorchSharp.torch.__version__}). {threads} threads on each side; load average before the run {Machine.LoadAverage()}.{(isQuick ? " A quick run: few rounds, to try the program, not to quote." : "")}

        ```
        dotnet run -c Release --project benchmarks/GoEmotions.Onnx.Training.Comparison{(isQuick ? " -- --quick" : "")}
        ```

        ## Step times

        Forward, backward, clipping and AdamW of a BERT classifier with 28 labels and a vocabulary of 30,522, dropout 0.1, the same random texts without padding. The sides take turns within one process; milliseconds, median (least). Peak resident set of a process of its own that takes 5 steps, in MB. `sdpa`: with scaled_dot_product_attention.

        | model | batch x sequence | ours | PyTorch | PyTorch, sdpa | times as fast | than sdpa | peak MB, ours | PyTorch | sdpa |
        |---|---|---:|---:|---:|---:|---:|---:|---:|---:|
        {_steps}
        ## GoEmotions' texts

        `Trainer` on train.tsv, batches by length; predicted from the medians of single steps at 8 to 64 tokens.

        | model | batch | tokens of a text | samples/s | predicted | difference |
        |---|---:|---:|---:|---:|---:|
        {_real}
        ## Beside padding to 128

        What a fixed length of 128 and batches of 8 cost, as notebooks do: the same 6x384 model. The last column is how many times as many samples/s `Trainer` makes on the real lengths.

        | program | samples/s | real lengths make |
        |---|---:|---:|
        {_padded}
        """);
}
