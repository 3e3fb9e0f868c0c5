using System.CommandLine;
using System.Text.Json;
using GoEmotions.Onnx.Graphs;
using GoEmotions.Onnx.Graphs.Weights;
using GoEmotions.Onnx.Training.Artifacts;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions inspect</c>: what a checkpoint, an ONNX model or a safetensors file consists of.</summary>
internal static class InspectCommand
{
    public static Command Create(CliConsole console)
    {
        var path = new Argument<string>("PATH") { Description = "A model directory, or a file .onnx, .safetensors or a checkpoint of training artifacts" };
        var tensors = new Option<bool>("--tensors") { Description = "List every stored tensor" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command("inspect", "Show architecture, parameters, inputs and outputs, operators and sizes.") { path, tensors, json };
        command.SetAction(parse =>
        {
            IReadOnlyList<InspectedPart> parts = Inspect(parse.GetRequiredValue(path));
            if (parse.GetValue(json))
            {
                using var lines = new JsonLines(console.Output);
                lines.WriteObject(writer => WriteJson(writer, parts, parse.GetValue(tensors)));
                return;
            }

            foreach (InspectedPart part in parts)
            {
                WriteTable(console, part, parse.GetValue(tensors));
            }
        });
        return command;
    }

    private static List<InspectedPart> Inspect(string path)
    {
        if (Directory.Exists(path))
        {
            var parts = new List<InspectedPart>();
            string onnx = Path.Combine(path, "onnx", "model.onnx");
            if (!File.Exists(onnx) || File.Exists(Path.Combine(path, "model.safetensors")))
            {
                EmotionLabels? labels = Models.ModelConfig.Load(path).Labels;
                Checkpoint checkpoint = CheckpointDirectory.Load(path, new CheckpointLoadOptions { Labels = labels is null ? [.. EmotionLabels.GoEmotions] : null });
                parts.Add(new InspectedPart(path, ModelSummary.Of(checkpoint), checkpoint.Config, checkpoint.Report.Describe()));
            }

            if (File.Exists(onnx))
            {
                parts.Add(new InspectedPart(onnx, ModelSummary.Of(ModelFile.Load(onnx)), null, []));
            }

            return parts;
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist, expected a model directory, or a file .onnx, .safetensors or a checkpoint of training artifacts. Check the path.", path);
        }

        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".onnx":
                return [new InspectedPart(path, ModelSummary.Of(ModelFile.Load(path)), null, [])];
            case ".safetensors":
                using (SafetensorsFile file = SafetensorsFile.Open(path))
                {
                    return [new InspectedPart(path, ModelSummary.Of(file), null, [])];
                }

            case "":
            case ".ckpt":
            case var _ when OrtCheckpointFile.IsCheckpoint(path):
                OrtCheckpoint checkpoint = OrtCheckpointFile.Load(path);
                return [new InspectedPart(path, ModelSummary.Of(new ParameterSet(checkpoint.Trained.Concat(checkpoint.Frozen))), null, []) { Checkpoint = checkpoint }];
            default:
                throw new InvalidDataException($"{path} is neither a directory nor a file .onnx, .safetensors or a checkpoint of training artifacts, expected one of these.");
        }
    }

    private static void WriteTable(CliConsole console, InspectedPart part, bool listTensors)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowHeaders = false };
        table.AddColumn("").AddColumn("");
        table.AddRow(new Text("source"), new Text(part.Source));
        foreach ((string name, string value) in part.Describe())
        {
            table.AddRow(new Text(name), new Text(value));
        }

        console.Write(table);
        if (!listTensors)
        {
            return;
        }

        var list = new Table { Border = TableBorder.Rounded };
        list.AddColumn("Tensor").AddColumn("Type and shape");
        foreach ((string name, TensorType type) in part.Summary.Tensors)
        {
            list.AddRow(new Text(name), new Text(type.ToString()));
        }

        console.Write(list);
    }

    private static void WriteJson(Utf8JsonWriter writer, IReadOnlyList<InspectedPart> parts, bool listTensors)
    {
        writer.WriteStartArray("parts");
        foreach (InspectedPart part in parts)
        {
            part.WriteTo(writer, listTensors);
        }

        writer.WriteEndArray();
    }
}
