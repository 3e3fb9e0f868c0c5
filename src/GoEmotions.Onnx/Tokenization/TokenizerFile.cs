using System.Text;
using System.Text.Json;

namespace GoEmotions.Onnx.Tokenization;

/// <summary>Reads the files of a model directory, with errors that name the file and the line.</summary>
internal static class TokenizerFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string ReadText(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        ReadOnlySpan<byte> content = WithoutByteOrderMark(bytes);
        try
        {
            return StrictUtf8.GetString(content);
        }
        catch (DecoderFallbackException error)
        {
            int line = content[..int.Clamp(error.Index, 0, content.Length)].Count((byte)'\n') + 1;
            return Throw.InvalidData<string>($"{path}({line}): found bytes that are not UTF-8, expected UTF-8 text. Convert the file.");
        }
    }

    public static JsonDocument ReadJson(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int start = bytes.Length - WithoutByteOrderMark(bytes).Length;
        try
        {
            var document = JsonDocument.Parse(bytes.AsMemory(start));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                string found = document.RootElement.ValueKind.ToString();
                document.Dispose();
                Throw.InvalidData($"{path}(1): found a JSON {found}, expected an object. Take the file that belongs to the model.");
            }

            return document;
        }
        catch (JsonException error)
        {
            return Throw.InvalidData<JsonDocument>($"{path}({error.LineNumber + 1}): found broken JSON at byte {error.BytePositionInLine} of the line, expected an object. Take the file that belongs to the model.");
        }
    }

    private static ReadOnlySpan<byte> WithoutByteOrderMark(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
}
