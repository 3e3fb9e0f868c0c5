namespace GoEmotions.Onnx;

/// <summary>
/// The names under which the engine reports: metrics by <see cref="System.Diagnostics.Metrics"/>, traces by
/// <see cref="System.Diagnostics.ActivitySource"/>. Both cost nothing while nobody listens; docs/engine.md tables them.
/// </summary>
public static class EngineDiagnostics
{
    /// <summary>The name of the meter: what OpenTelemetry's <c>AddMeter</c> and <c>dotnet-counters</c> take.</summary>
    public const string MeterName = "GoEmotions.Onnx";

    /// <summary>The name of the activity source: what OpenTelemetry's <c>AddSource</c> takes.</summary>
    public const string ActivitySourceName = "GoEmotions.Onnx";
}
