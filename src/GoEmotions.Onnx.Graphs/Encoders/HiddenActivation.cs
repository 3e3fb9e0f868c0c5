namespace GoEmotions.Onnx.Graphs.Encoders;

/// <summary>The activation between the two linear layers of an encoder layer (<c>hidden_act</c>).</summary>
public enum HiddenActivation
{
    /// <summary><c>gelu</c>: x times the normal distribution function of x (Hendrycks and Gimpel 2016), exact.</summary>
    Gelu,

    /// <summary><c>gelu_new</c> and <c>gelu_pytorch_tanh</c>: the same by its tanh approximation.</summary>
    GeluTanh,

    /// <summary><c>relu</c>: the larger of x and 0.</summary>
    Relu,
}
