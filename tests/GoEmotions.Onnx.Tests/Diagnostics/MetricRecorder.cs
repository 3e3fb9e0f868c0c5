using System.Diagnostics.Metrics;

namespace GoEmotions.Onnx.Tests.Diagnostics;

/// <summary>Listens to the engine's meter and keeps what is measured of one model: other tests run beside this one.</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(string Instrument, double Value, string Tags)> _measurements = [];
    private readonly string _model;

    public MetricRecorder(TemporaryFolder model)
    {
        _model = Path.GetFileName(model.Root);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == EngineDiagnostics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What was measured, in its order: "value tags" with the tags behind the model's, such as "1 score_text ok".</summary>
    public string[] this[string instrument]
    {
        get
        {
            lock (_measurements)
            {
                return [.. _measurements.Where(measurement => measurement.Instrument == instrument).Select(measurement => FormattableString.Invariant($"{measurement.Value}{measurement.Tags}"))];
            }
        }
    }

    /// <summary>The durations that were measured.</summary>
    public double[] Durations(string instrument)
    {
        lock (_measurements)
        {
            return [.. _measurements.Where(measurement => measurement.Instrument == instrument).Select(measurement => measurement.Value)];
        }
    }

    /// <summary>Asks for what is measured only when it is asked for.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Assert.Equal("goemotions.model", tags[0].Key);
        string model = (string)tags[0].Value!;
        if (model.Split('/')[0] == _model)
        {
            string others = "";
            foreach (KeyValuePair<string, object?> tag in tags[1..])
            {
                others += $" {tag.Value}";
            }

            lock (_measurements)
            {
                _measurements.Add((instrument.Name, value, others));
            }
        }
    }
}
