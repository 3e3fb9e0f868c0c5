namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>A row of <see cref="OperatorTable"/>: what an operator accepts, and the rule that gives the types of its outputs.</summary>
/// <param name="Name">The operator.</param>
/// <param name="SinceOpset">The first operator set version of this form.</param>
/// <param name="Inputs">
/// One letter per input: <c>T</c> (all inputs so marked share one type, which <paramref name="Types"/> restricts), <c>I</c> int32
/// or int64, <c>L</c> int64, <c>B</c> bool, <c>F</c> any float, <c>*</c> any. Those after <c>|</c> are optional; <c>+</c> at the
/// end repeats the last one.
/// </param>
/// <param name="Types">What <c>T</c> may be.</param>
/// <param name="Attributes">Names and types, such as <c>axis:INT to:INT</c>.</param>
/// <param name="Infer">Sets the outputs' types.</param>
/// <param name="MaxOutputs">How many outputs a node may have.</param>
/// <param name="Domain">The operator set; empty for <c>ai.onnx</c>.</param>
internal sealed record OperatorRule(
    string Name,
    int SinceOpset,
    string Inputs,
    TypeSet Types,
    string Attributes,
    Action<ShapeContext> Infer,
    int MaxOutputs = 1,
    string Domain = "")
{
    private readonly Dictionary<string, string> _attributeTypes = ParseAttributes(Attributes);

    public int MinInputs { get; } = Inputs.IndexOf('|', StringComparison.Ordinal) is >= 0 and int bar ? bar : Inputs.TrimEnd('+').Length;

    public int MaxInputs { get; } = Inputs.EndsWith('+') ? int.MaxValue : Inputs.Replace("|", "", StringComparison.Ordinal).Length;

    public char InputKind(int index)
    {
        ReadOnlySpan<char> kinds = Inputs.AsSpan().TrimEnd('+');
        int bar = kinds.IndexOf('|');
        int position = bar >= 0 && index >= bar ? index + 1 : index;
        return kinds[Math.Min(position, kinds.Length - 1)];
    }

    public bool TryGetAttributeType(string name, out string? type) => _attributeTypes.TryGetValue(name, out type);

    public string AttributeNames => _attributeTypes.Count == 0 ? "none" : string.Join(", ", _attributeTypes.Keys);

    private static Dictionary<string, string> ParseAttributes(string attributes)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string attribute in attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = attribute.IndexOf(':', StringComparison.Ordinal);
            types.Add(attribute[..colon], attribute[(colon + 1)..]);
        }

        return types;
    }
}
