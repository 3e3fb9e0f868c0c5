namespace GoEmotions.Onnx.Graphs;

/// <summary>What <see cref="GraphChecker"/> found in a model.</summary>
/// <param name="Severity">Whether the model is wrong, or only not wholly checked.</param>
/// <param name="Subject">The node or value concerned; empty for the model itself.</param>
/// <param name="Message">What was found and expected, naming the node or value.</param>
public sealed record GraphFinding(GraphFindingSeverity Severity, string Subject, string Message);
