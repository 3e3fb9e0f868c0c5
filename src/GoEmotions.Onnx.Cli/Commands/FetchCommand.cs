using System.CommandLine;
using System.Globalization;
using GoEmotions.Onnx.Cli.Downloads;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions fetch</c>: downloads the GoEmotions data and bert-base-uncased from their public homes, checked.</summary>
internal static class FetchCommand
{
    public static Command Create(CliConsole console) => Create(console, PinnedFiles.All, new DownloadOptions());

    /// <summary>The command for other files, as tests need it.</summary>
    public static Command Create(CliConsole console, IReadOnlyList<PinnedFile> files, DownloadOptions defaults)
    {
        var output = new Option<string>("--out") { Description = $"The folder to download into: {PinnedFiles.DataFolder}/ and {PinnedFiles.ModelFolder}/ are made in it", Required = true, HelpName = "DIR" };
        var only = new Option<string?>("--only") { Description = $"Download only one of the two: {PinnedFiles.DataFolder} (4 MB) or {PinnedFiles.ModelFolder} (441 MB)" };
        only.AcceptOnlyFromAmong(PinnedFiles.DataFolder, PinnedFiles.ModelFolder);
        var mirror = new Option<string?>("--base-url") { Description = "A mirror: stands in for scheme and host of both homes (raw.githubusercontent.com, huggingface.co), the paths stay", HelpName = "URL" };
        mirror.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"))
            {
                result.AddError($"--base-url is '{result.Tokens[0].Value}', expected an address that begins with https:// or http://.");
            }
        });
        var force = new Option<bool>("--force") { Description = "Replace files that are there with other content" };
        var command = new Command("fetch", "Download the GoEmotions data and bert-base-uncased, at pinned revisions and checked against their SHA-256.") { output, only, mirror, force };
        command.SetAction(async (parse, cancellation) =>
        {
            string folder = parse.GetRequiredValue(output);
            PinnedFile[] chosen = [.. files.Where(file => parse.GetValue(only) is not string name || file.Folder == name)];
            await using var display = ProgressDisplay.Start(console, "fetch", chosen.Sum(file => file.SizeInBytes));
            using var download = new FileDownload(defaults with { Mirror = parse.GetValue(mirror), Replace = parse.GetValue(force), Note = display.Note });
            long before = 0;
            foreach (PinnedFile file in chosen)
            {
                string destination = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, file.Folder)).FullName, file.Name);
                bool isNew = await download.RunAsync(file, destination, bytes => display.Update(before + bytes, () => $"{file.Name}: {Megabytes(bytes)} of {Megabytes(file.SizeInBytes)} MB"), cancellation);
                before += file.SizeInBytes;
                display.Note($"{Path.Combine(folder, file.Folder, file.Name)}: {file.SizeInBytes.ToString("N0", CultureInfo.InvariantCulture)} bytes, SHA-256 as expected{(isNew ? "" : "; it was there already")}");
            }

            return GoEmotionsCommand.Success;
        });
        return command;
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
}
