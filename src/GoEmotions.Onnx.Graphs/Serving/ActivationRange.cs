namespace GoEmotions.Onnx.Graphs.Serving;

/// <summary>The interval of an activation's values that uint8 spans; what lies outside is cut to its ends.</summary>
/// <param name="Minimum">The lowest value, finite.</param>
/// <param name="Maximum">The highest value, finite and not below <paramref name="Minimum"/>.</param>
public readonly record struct ActivationRange(float Minimum, float Maximum)
{
    /// <summary>
    /// The affine code of the range, widened so that it contains 0, which then has an exact code: value = (code - zero point) x scale.
    /// </summary>
    /// <returns>The scale, above 0, and the code of 0.</returns>
    /// <exception cref="InvalidDataException">An end is not finite, or they are in the wrong order.</exception>
    public (float Scale, byte ZeroPoint) ToUInt8()
    {
        if (!float.IsFinite(Minimum) || !float.IsFinite(Maximum) || Minimum > Maximum)
        {
            Throw.InvalidData($"an activation's range is {this}, expected finite ends in ascending order. Calibrate again, and check the checkpoint for values that are not numbers.");
        }

        float low = Math.Min(Minimum, 0);
        float scale = (Math.Max(Maximum, 0) - low) / byte.MaxValue;
        return scale > 0 ? (scale, (byte)Math.Clamp(MathF.Round(-low / scale), 0, byte.MaxValue)) : (1, 0);
    }

    /// <summary>The range in brackets.</summary>
    /// <returns>For example <c>[-0.17, 8.3]</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"[{Minimum}, {Maximum}]");
}
