using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GoEmotions.Onnx.Benchmarks.Serving;

/// <summary>
/// A program that scores the same texts with the same weights, in its own process. It is given a model directory with texts.json, and
/// answers each line on its standard input with one of JSON: first, unasked, <c>{"versions": "..."}</c>; to <c>score FILE</c> it
/// writes its probabilities there (float32, row-major [texts, labels]) and answers <c>{}</c>; to <c>run COUNT</c> it scores the first
/// texts and answers <c>{"seconds": 1.5}</c>. It ends with its input.
/// </summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private PeerProcess(string name, Process process)
    {
        Name = name;
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        Versions = Answer().GetProperty("versions").GetString()!;
    }

    public string Name { get; }

    /// <summary>What the program and its libraries are.</summary>
    public string Versions { get; }

    /// <summary>Starts a program.</summary>
    /// <param name="name">What the page calls it.</param>
    /// <param name="fileName">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="peer">The program, loaded and ready.</param>
    /// <param name="whyNot">Why there is none.</param>
    public static bool TryStart(string name, string fileName, string[] arguments, out PeerProcess? peer, out string? whyNot)
    {
        (peer, whyNot) = (null, null);
        var start = new ProcessStartInfo(fileName, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            peer = new PeerProcess(name, Process.Start(start)!);
            return true;
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            whyNot = error.Message.ReplaceLineEndings(" ");
            return false;
        }
    }

    /// <summary>The probabilities of all texts.</summary>
    public float[] Score(string folder)
    {
        string file = Path.Combine(folder, $"{Name}.f32");
        Ask($"score {file}");
        return MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray();
    }

    /// <summary>Scores the first texts, and says how long that took, in seconds.</summary>
    public double Run(int texts) => Ask(string.Create(CultureInfo.InvariantCulture, $"run {texts}")).GetProperty("seconds").GetDouble();

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private JsonElement Ask(string question)
    {
        _process.StandardInput.WriteLine(question);
        _process.StandardInput.Flush();
        return Answer();
    }

    // Lines that are no answer come from libraries that talk.
    private JsonElement Answer()
    {
        while (_process.StandardOutput.ReadLine() is string line)
        {
            if (line.StartsWith('{'))
            {
                using JsonDocument answer = JsonDocument.Parse(line);
                return answer.RootElement.Clone();
            }
        }

        string errors = _errors.GetAwaiter().GetResult().Trim();
        throw new InvalidOperationException($"{Name} ended: {(errors.Length == 0 ? "it said nothing" : errors)}");
    }
}
