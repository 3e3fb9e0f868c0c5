using System.CommandLine;
using GoEmotions.Onnx.Training.Vocabularies;

namespace GoEmotions.Onnx.Cli.Commands;
