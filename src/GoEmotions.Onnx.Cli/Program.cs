using GoEmotions.Onnx.Cli;

return await GoEmotionsCommand.RunAsync(args, CliConsole.System());
