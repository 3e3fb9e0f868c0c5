using System.Diagnostics;
using System.Globalization;
using GoEmotions.Onnx;

// Loads a model directory, makes mixed calls (single texts, batches, requests through the micro-batcher; texts of no character to
// a megabyte), and prints the resident memory as they go on: after the first tenth it stays where it is.
if (args.Length is < 1 or > 2 || (args.Length == 2 && !int.TryParse(args[1], CultureInfo.InvariantCulture, out _)))
{
    Console.Error.WriteLine("usage: GoEmotions.Onnx.Soak MODEL_DIRECTORY [CALLS, 200000 by default]");
    return 2;
}

int calls = args.Length == 2 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 200_000;
var watch = Stopwatch.StartNew();
using EmotionClassifier classifier = EmotionClassifier.Load(args[0]);
Console.WriteLine($"{classifier.ModelFile}, loaded in {watch.ElapsedMilliseconds} ms, {(DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds:0} ms after the process started");
EmotionPrediction prediction = classifier.Predict("Thank you so much, you made my day!");
Console.WriteLine(string.Join(", ", prediction.Emotions));

const int MaxTexts = 64;
var random = new Random(1);
string[] words = ["thank", "you", "I", "can't", "believe", "it", "again", "sad", "happy", "!", "\ud83d\ude00", "the", "day"];
string[] texts = [.. Enumerable.Range(0, 1000).Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(40)).Select(_ => words[random.Next(words.Length)])))];
string megabyte = string.Concat(Enumerable.Repeat("so it goes ", 100_000));
var call = new string[MaxTexts];
var probabilities = new float[MaxTexts * classifier.Labels.Count];
long first = 0;
watch.Restart();
for (int index = 0; index < calls; index++)
{
    int count = random.Next(20) == 0 ? random.Next(2, MaxTexts + 1) : 1;
    for (int text = 0; text < count; text++)
    {
        call[text] = random.Next(5000) == 0 ? megabyte : texts[random.Next(texts.Length)];
    }

    if (count > 1)
    {
        classifier.Score(call.AsSpan(0, count), probabilities);
    }
    else if (random.Next(4) == 0)
    {
        await classifier.ScoreAsync(call[0].AsMemory(), probabilities).ConfigureAwait(false);
    }
    else
    {
        classifier.Score(call[0], probabilities);
    }

    if ((index + 1) % Math.Max(1, calls / 10) == 0)
    {
        long resident = Environment.WorkingSet;
        first = first == 0 ? resident : first;
        Console.WriteLine($"{index + 1,8} calls, {watch.Elapsed.TotalSeconds,7:0.0} s, resident {resident / 1048576.0:0.0} MiB ({(resident - first) / 1048576.0:+0.0;-0.0;0.0} since the first tenth), collections {GC.CollectionCount(0)}");
    }
}

return 0;
