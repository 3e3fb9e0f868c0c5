namespace GoEmotions.Onnx.Graphs;

/// <summary>A graph was built wrongly: a rank, dimension, element type, attribute or name does not fit. The message names node and operator.</summary>
public sealed class GraphException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, what was expected, and at which node.</param>
    public GraphException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    /// <param name="message">What was found, what was expected, and at which node.</param>
    /// <param name="innerException">The cause.</param>
    public GraphException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception without a message.</summary>
    public GraphException()
    {
    }
}
