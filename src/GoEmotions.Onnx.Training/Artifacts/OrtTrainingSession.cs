using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Graphs.Gradients;
using GoEmotions.Onnx.Sessions;
using GoEmotions.Onnx.Tokenization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>
/// Trains a folder of training artifacts by ONNX Runtime's own <see cref="TrainingSession"/>. It needs a native library with the
/// training API: that of <c>Microsoft.ML.OnnxRuntime.Training</c> 1.19.2 (<c>-p:OnnxRuntimeFlavor=Training</c>). Owns the session;
/// not thread-safe.
/// </summary>
/// <remarks>Predictions are not made here: save the checkpoint, import it, and load the model directory.</remarks>
public sealed class OrtTrainingSession : IDisposable
{
    private readonly CheckpointState _state;
    private readonly TrainingSession _session;
    private readonly string[] _inputs;

    private OrtTrainingSession(CheckpointState state, TrainingSession session)
    {
        _state = state;
        _session = session;
        _inputs = [.. session.InputNames(true)];
    }

    /// <summary>The learning rate; 0.001 at first, whatever the checkpoint says.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the rate.</exception>
    public float LearningRate
    {
        get => _session.GetLearningRate();
        set => _session.SetLearningRate(value);
    }

    /// <summary>Opens a folder of training artifacts.</summary>
    /// <param name="folder">The folder, as <see cref="TrainingArtifacts.Save"/> writes it.</param>
    /// <returns>The session; the caller disposes it.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="PlatformNotSupportedException">The native ONNX Runtime that is loaded has no training API.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses a file.</exception>
    public static OrtTrainingSession Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string checkpoint = Require(folder, OrtCheckpoint.FileName);
        string training = Require(folder, TrainingArtifacts.TrainingModelFileName);
        string evaluation = Require(folder, TrainingArtifacts.EvaluationModelFileName);
        string optimizer = Require(folder, TrainingArtifacts.OptimizerModelFileName);
        RuntimeTelemetry.Disable();
        CheckpointState state = LoadCheckpoint(checkpoint);
        try
        {
            return new OrtTrainingSession(state, new TrainingSession(state, training, evaluation, optimizer));
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Adds the gradients of a batch to those since the last reset.</summary>
    /// <param name="batch">The texts.</param>
    /// <param name="labels">The targets, row-major <c>[texts, labels]</c>.</param>
    /// <returns>The mean loss over texts and labels.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="batch"/> is null.</exception>
    /// <exception cref="ArgumentException">The batch is empty, or the labels are not as many for each text.</exception>
    /// <exception cref="ObjectDisposedException">The session or the batch is disposed.</exception>
    public float TrainStep(TokenBatch batch, ReadOnlySpan<float> labels)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Rows == 0 || labels.IsEmpty || labels.Length % batch.Rows != 0)
        {
            Throw.Argument($"there are {labels.Length} labels for {batch.Rows} texts, expected as many for each text, and a text at least.", nameof(labels));
        }

        int[] tokens = [batch.Rows, batch.SequenceLength];
        float[] targets = labels.ToArray();
        var inputs = new List<FixedBufferOnnxValue>(_inputs.Length);
        try
        {
            foreach (string name in _inputs)
            {
                inputs.Add(name switch
                {
                    ClassifierGraph.InputIdsName => Tensor(batch.InputIds.ToArray(), tokens),
                    ClassifierGraph.AttentionMaskName => Tensor(batch.AttentionMask.ToArray(), tokens),
                    ClassifierGraph.TokenTypeIdsName => Tensor(batch.TokenTypeIds.ToArray(), tokens),
                    TrainingGraph.LabelsName => Tensor(targets, [batch.Rows, targets.Length / batch.Rows]),
                    _ => throw new InvalidDataException($"the training model has an input '{name}', expected {ClassifierGraph.InputIdsName}, {ClassifierGraph.AttentionMaskName}, {ClassifierGraph.TokenTypeIdsName} and {TrainingGraph.LabelsName} only. Write it by 'goemotions artifacts'."),
                });
            }

            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = _session.TrainStep(inputs);
            return outputs.First(output => output.Name == TrainingGraph.LossName).AsTensor<float>().GetValue(0);
        }
        finally
        {
            inputs.ForEach(input => input.Dispose());
        }
    }

    /// <summary>Updates the parameters by the gradients added up, and lets the next batch begin anew.</summary>
    public void OptimizerStep()
    {
        _session.OptimizerStep();
        _session.LazyResetGrad();
    }

    /// <summary>Writes a checkpoint with the parameters as they are, and with the optimizer's state.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="OnnxRuntimeException">The file cannot be written.</exception>
    public void SaveCheckpoint(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckpointState.SaveCheckpoint(_state, path, includeOptimizerState: true);
    }

    /// <summary>Frees the session.</summary>
    public void Dispose()
    {
        _session.Dispose();
        _state.Dispose();
    }

    private static CheckpointState LoadCheckpoint(string path)
    {
        try
        {
            return CheckpointState.LoadCheckpoint(path);
        }
        catch (Exception error) when (error is InvalidOperationException or TypeInitializationException)
        {
            // The managed assembly says so where the native one is of an ordinary build.
            throw new PlatformNotSupportedException(
                $"the native ONNX Runtime that is loaded ({OrtEnv.Instance().GetVersionString()}) has no training API, expected that of Microsoft.ML.OnnxRuntime.Training 1.19.2. Build with -p:OnnxRuntimeFlavor=Training, or train with 'goemotions train', which needs none.", error);
        }
    }

    private static FixedBufferOnnxValue Tensor<T>(T[] elements, int[] shape)
        where T : unmanaged => FixedBufferOnnxValue.CreateFromTensor(new DenseTensor<T>(elements, shape));

    private static string Require(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} does not exist, expected the training artifacts that 'goemotions artifacts' writes.", path);
    }
}
