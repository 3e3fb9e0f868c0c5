using System.CommandLine;
using GoEmotions.Onnx.Tokenization;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli.Commands;

/// <summary><c>goemotions tokenize</c>: the pieces, ids and character offsets of texts.</summary>
internal static class TokenizeCommand
{
    public static Command Create(CliConsole console)
    {
        Option<string?> model = ModelOption.Create("Model directory or vocab.txt");
        Option<int?> maxLength = TextArguments.AtLeast("--max-length", 2, "Cut each text to this many tokens, [CLS] and [SEP] included");
        var json = new Option<bool>("--json") { Description = "One JSON object a line: text, ids, tokens, offsets" };
        Argument<string[]> texts = TextArguments.Argument();
        var command = new Command("tokenize", "Show how texts are split into tokens.") { model, maxLength, json, texts };
        command.SetAction(parse =>
        {
            WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(parse.ResolveModel(model));
            int limit = parse.GetValue(maxLength) ?? tokenizer.MaxLength;
            using var lines = new JsonLines(console.Output);
            foreach (string[] chunk in TextArguments.ReadChunks(parse, texts, console))
            {
                foreach (string text in chunk)
                {
                    IReadOnlyList<Token> tokens = tokenizer.Tokenize(text, limit);
                    if (parse.GetValue(json))
                    {
                        WriteJson(lines, text, tokens);
                    }
                    else
                    {
                        WriteTable(console, text, tokens);
                    }
                }

                console.Output.Flush();
            }
        });
        return command;
    }

    private static void WriteJson(JsonLines lines, string text, IReadOnlyList<Token> tokens) => lines.WriteObject(writer =>
    {
        writer.WriteString("text", text);
        writer.WriteStartArray("ids");
        foreach (Token token in tokens)
        {
            writer.WriteNumberValue(token.Id);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("tokens");
        foreach (Token token in tokens)
        {
            writer.WriteStringValue(token.Piece);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("offsets");
        foreach (Token token in tokens)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(token.Start);
            writer.WriteNumberValue(token.End);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    });

    private static void WriteTable(CliConsole console, string text, IReadOnlyList<Token> tokens)
    {
        var table = new Table { Title = new TableTitle(Markup.Escape(DisplayText.Of(text))), Border = TableBorder.Rounded };
        table.AddColumn("Piece").AddColumn(new TableColumn("Id").RightAligned()).AddColumn(new TableColumn("Offsets").RightAligned()).AddColumn("Text");
        foreach (Token token in tokens)
        {
            table.AddRow(new Text(DisplayText.Of(token.Piece)), new Text($"{token.Id}"), new Text($"{token.Start}-{token.End}"), new Text(DisplayText.Of(text[token.Start..token.End])));
        }

        console.Write(table);
    }
}
