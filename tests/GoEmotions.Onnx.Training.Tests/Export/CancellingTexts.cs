using System.Collections;

namespace GoEmotions.Onnx.Training.Tests.Export;

/// <summary>Texts that cancel what reads them: Ctrl-C in the middle of an export.</summary>
internal sealed class CancellingTexts(IReadOnlyList<string> texts, CancellationTokenSource cancellation) : IReadOnlyList<string>
{
    public int Count => texts.Count;

    public string this[int index] => texts[index];

    public IEnumerator<string> GetEnumerator()
    {
        cancellation.Cancel();
        return texts.GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
