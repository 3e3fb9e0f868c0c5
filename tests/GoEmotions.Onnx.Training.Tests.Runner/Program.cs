using GoEmotions.Onnx.Graphs.Encoders;
using GoEmotions.Onnx.Training;
using GoEmotions.Onnx.Training.Checkpoints;
using GoEmotions.Onnx.Training.Tests;

// Trains or goes on training, with a checkpoint after every step, until it is done or killed: what the test of `kill -9` starts.
// The model is large enough for the writing to take a good part of the time.
string folder = args[0];
using CheckpointFolder checkpoints = CheckpointFolder.Open(folder);
using Trainer trainer = SmallTraining.Create(SmallTraining.Options with { Epochs = 8, Patience = null }, EncoderSize.Tiny);
using (TrainingCheckpoint? latest = checkpoints.OpenLatest(out IReadOnlyList<string> notes))
{
    if (latest is not null)
    {
        notes = [.. notes, .. trainer.Restore(latest)];
    }

    foreach (string note in notes)
    {
        Console.WriteLine($"note: {note}");
    }
}

Console.WriteLine($"running from step {trainer.State.StepNumber} of {trainer.StepCount}");
TrainingResult result = trainer.Run(new TrainingRunOptions { Checkpoints = checkpoints, CheckpointSteps = 1 });
Console.WriteLine($"done: {result.CheckpointPath}");
