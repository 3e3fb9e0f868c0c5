using System.Reflection;
using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Checkpoints;

namespace GoEmotions.Onnx.Training.Tests.Checkpoints;

public sealed class TrainingFingerprintTests
{
    [Fact]
    public void TrainingFingerprint_AnyOptionChanged_Differs()
    {
        TrainingOptions options = SmallTraining.Options;
        TrainingFingerprint before = Of(options);
        Assert.Null(before.DifferenceTo(Of(options with { })));
        foreach (PropertyInfo property in typeof(TrainingOptions).GetProperties().Where(property => !TrainingFingerprint.OptionsLeftOut.Contains(property.Name)))
        {
            foreach ((string name, TrainingOptions changed) in Changes(options, property))
            {
                Assert.StartsWith($"option {name} is ", before.DifferenceTo(Of(changed)));
            }
        }
    }

    [Fact]
    public void TrainingFingerprint_WithoutTeachers_IsThatOfVersionsThatKnewNone() =>
        Assert.DoesNotContain(Of(SmallTraining.Options).Entries.Keys, name => name.Contains("teacher", StringComparison.Ordinal));

    [Fact]
    public void TrainingFingerprint_OtherTeachers_Differs()
    {
        var distillation = new Distillation { TeacherProbabilities = new float[320], Weight = 0.5 };
        TrainingFingerprint before = Of(SmallTraining.Options, distillation);
        Assert.Null(before.DifferenceTo(Of(SmallTraining.Options, distillation with { TeacherProbabilities = new float[320] })));
        Assert.Equal("teacher weight is 0.5 there, 0.25 here", before.DifferenceTo(Of(SmallTraining.Options, distillation with { Weight = 0.25 })));
        float[] other = new float[320];
        other[319] = float.Epsilon;
        Assert.Matches("^teacher probabilities is 160 texts, sha256 .* there, 160 texts, sha256 .* here$", before.DifferenceTo(Of(SmallTraining.Options, distillation with { TeacherProbabilities = other })));
    }

    [Fact]
    public void TrainingFingerprint_LongListsThatDifferLate_ShowTheDifference()
    {
        string labels = string.Join(", ", Enumerable.Range(0, 50).Select(index => $"label {index}"));
        string? difference = TrainingFingerprint.FromEntries(new Dictionary<string, string> { ["labels"] = labels + ", last" })
            .DifferenceTo(TrainingFingerprint.FromEntries(new Dictionary<string, string> { ["labels"] = labels + ", other" }));
        Assert.Equal("labels is ... 48, label 49, last there, ... 48, label 49, other here", difference);
    }

    [Fact]
    public void TrainingFingerprint_OptionOfANewerVersion_IsUnknown() =>
        Assert.Equal("option New is 1 there, unknown here", TrainingFingerprint.FromEntries(new Dictionary<string, string> { ["option New"] = "1" }).DifferenceTo(TrainingFingerprint.FromEntries(new Dictionary<string, string>())));

    // The same options with one value changed; of nested options, each value in turn. Whoever adds an option of a new type adds a line here.
    private static IEnumerable<(string Name, TrainingOptions Changed)> Changes(TrainingOptions options, PropertyInfo property)
    {
        object? value = property.GetValue(options);
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type.IsClass && type.Namespace!.StartsWith("GoEmotions.", StringComparison.Ordinal))
        {
            foreach (PropertyInfo inner in type.GetProperties().Where(inner => inner.CanWrite))
            {
                object changed = type.GetMethod("<Clone>$")!.Invoke(value, null)!;
                inner.SetValue(changed, Other(Nullable.GetUnderlyingType(inner.PropertyType) ?? inner.PropertyType, inner.GetValue(value)));
                yield return ($"{property.Name} {inner.Name}", With(options, property, changed));
            }
        }
        else
        {
            yield return (property.Name, With(options, property, Other(type, value)));
        }
    }

    private static TrainingOptions With(TrainingOptions options, PropertyInfo property, object value)
    {
        TrainingOptions copy = options with { };
        property.SetValue(copy, value);
        return copy;
    }

    private static object Other(Type type, object? value) => value switch
    {
        null when type == typeof(int) => 5,
        null when type == typeof(double) => 0.25,
        null when type == typeof(IReadOnlyList<float>) => new float[] { 1, 2 },
        int number => number + 1,
        long number => number + 1,
        float number => number + 0.5f,
        double number => number == 0 ? 0.25 : number * 0.5,
        bool flag => !flag,
        Enum => Enum.GetValues(type).Cast<object>().First(other => !other.Equals(value)),
        _ => throw new NotSupportedException($"no other value of {type} is known"),
    };

    private static TrainingFingerprint Of(TrainingOptions options, Distillation? distillation = null)
    {
        EncoderConfig config = SmallTraining.ConfigOf(SmallTraining.Smallest);
        return TrainingFingerprint.Of(Checkpoint.CreateRandom(config, 1), SmallTraining.Tokenizer, SmallTraining.Dataset, SmallTraining.Dataset, options, TrainingGraph.Create(config), distillation);
    }
}
