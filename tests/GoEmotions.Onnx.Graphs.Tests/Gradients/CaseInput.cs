namespace GoEmotions.Onnx.Graphs.Tests.Gradients;

/// <summary>An input of a <see cref="GradientCase"/>: its shape, and the range that its elements are drawn from.</summary>
internal sealed record CaseInput(long[] Shape, double Low = -2, double High = 2)
{
    /// <summary>Elements keep this distance from 0, where the operator has a kink or a pole.</summary>
    public double DistanceFromZero { get; init; }

    public int Count => (int)Shape.Aggregate(1L, (product, size) => product * size);

    public double[] Draw(Random random)
    {
        var values = new double[Count];
        for (int i = 0; i < values.Length; i++)
        {
            do
            {
                // Exact in single precision, so that both precisions see equal inputs.
                values[i] = (float)(Low + ((High - Low) * random.NextDouble()));
            }
            while (Math.Abs(values[i]) < DistanceFromZero);
        }

        return values;
    }
}
