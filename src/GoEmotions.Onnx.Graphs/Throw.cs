using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace GoEmotions.Onnx.Graphs;

/// <summary>The exceptions of this assembly, thrown out of line so that callers stay small.</summary>
[StackTraceHidden]
internal static class Throw
{
    [DoesNotReturn]
    public static void InvalidData(string message) => throw new InvalidDataException(message);

    [DoesNotReturn]
    public static T InvalidData<T>(string message) => throw new InvalidDataException(message);

    [DoesNotReturn]
    public static void Argument(string message, string parameterName) => throw new ArgumentException(message, parameterName);

    [DoesNotReturn]
    public static void Graph(string message) => throw new GraphException(message);

    [DoesNotReturn]
    public static T Graph<T>(string message) => throw new GraphException(message);
}
