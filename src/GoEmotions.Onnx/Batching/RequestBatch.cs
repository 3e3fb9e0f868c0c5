using System.Diagnostics;
using System.Numerics.Tensors;
using GoEmotions.Onnx.Diagnostics;

namespace GoEmotions.Onnx.Batching;

/// <summary>The requests that one thread of a <see cref="MicroBatcher"/> scores together. Used again for batch after batch.</summary>
internal sealed class RequestBatch
{
    private readonly EmotionClassifier _classifier;
    private readonly TextRows _rows;
    private readonly int _labelCount;
    private readonly ScoreRequest?[] _requests = new ScoreRequest?[TextRows.MaxTexts];
    private readonly int[] _openRows = new int[TextRows.MaxTexts];
    private readonly float[] _logits;
    private int _count;

    public RequestBatch(EmotionClassifier classifier)
    {
        _classifier = classifier;
        _labelCount = classifier.Labels.Count;
        _rows = new TextRows(classifier.Windows, _labelCount);
        _logits = new float[TextRows.MaxTexts * _labelCount];
    }

    /// <summary>Adds a request; false where the batch is full.</summary>
    public bool TryAdd(ScoreRequest request)
    {
        if (!_rows.TryAdd(request.Ids, request.IsTruncated))
        {
            return false;
        }

        _openRows[_count] = _rows.Scored[_count].WindowCount;
        _requests[_count++] = request;
        return true;
    }

    /// <summary>Scores the requests, answers each as soon as its last row is scored, and empties the batch.</summary>
    public void Run()
    {
        ReadOnlySpan<ScoreRequest?> requests = _requests.AsSpan(0, _count);
        EngineMetrics.RecordWaits(_classifier.ModelName, requests);
        Activity? activity = EngineTracing.StartBatch(_classifier.ModelName, requests);
        try
        {
            _rows.Sort();
            _rows.Begin(_logits);
            for (int start = 0; start < _rows.RowCount;)
            {
                int count = _classifier.RunBatch(_rows, start, _logits);
                for (int place = start; place < start + count; place++)
                {
                    int index = _rows.TextAt(place);
                    if (--_openRows[index] == 0)
                    {
                        Answer(index);
                    }
                }

                start += count;
            }

            EngineTracing.Complete(activity);
        }
        catch (Exception error)
        {
            EngineTracing.Fail(activity, error.GetType(), error.Message);

            // ONNX Runtime's error, or the classifier was disposed of before the batcher: whatever it is, every caller is told.
            FailAll(error);
        }

        _count = 0;
        _rows.Clear();
    }

    private void Answer(int index)
    {
        ScoreRequest request = _requests[index]!;
        _requests[index] = null;
        try
        {
            TensorPrimitives.Sigmoid(_logits.AsSpan(index * _labelCount, _labelCount), request.Probabilities.Span);
        }
        catch (Exception error)
        {
            // The memory may be of a manager that throws: its caller is told, and the others are answered.
            request.Fail(error);
            return;
        }

        request.Complete(_rows.Scored[index]);
    }

    private void FailAll(Exception error)
    {
        for (int index = 0; index < _count; index++)
        {
            ScoreRequest? request = _requests[index];
            _requests[index] = null;
            request?.Fail(error);
        }
    }
}
