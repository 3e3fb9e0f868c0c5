using System.Text;
using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class DatasetReaderFuzz
{
    private const int Files = 100_000;
    private const long Seed = 20_200_501;

    private static readonly string[] Seeds =
    [
        $"{TableText.GoEmotionsHeader}\n{TableText.Row("a", "hello", 1)}\n{TableText.Row("b", "\"quoted, \"\"text\"\"\"", 2, 3)}\r\n{TableText.Row("c", "é😀", 27)}\n",
        "text,id,author,subreddit,link_id,parent_id,created_utc,rater_id,example_very_unclear,joy,fear\nhello,a,b,c,d,e,1.0,7,False,1,0\n\"x\ny\",b,b,c,d,e,1.0,7,True,0,0\n",
        "text;calm;angry\nhello;1;0.0\n\"there\";TRUE;false\n",
        "hello, \"there\"\t3\ta\nnext\t1,27\tb\nlast\t0\tc\n",
        "{\"text\": \"hello\", \"labels\": [\"joy\"], \"id\": \"a\"}\n{\"text\": \"\\u00e9\\ud83d\\ude00\", \"labels\": [], \"unclear\": false, \"x\": {\"y\": [1]}}\n",
    ];

    private static readonly byte[][] Pieces =
    [
        .. new[] { "\"", "\"\"", ",", ";", "\t", "\n", "\r", "\r\n", "\0", "2", "-1", "1.0", "NA", "\uFEFF", "{", "}", "[", "\\u", "\\ud800", "text", "joy", ",,,,", "é" }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xFF, 0xFE], [0x80],
    ];

    [Fact]
    public void Read_MutatedFiles_GiveRowsOrInvalidData()
    {
        byte[][] seeds = [.. Seeds.Select(Encoding.UTF8.GetBytes)];
        var random = new DeterministicRandom(Seed);
        int errors = 0;
        long rows = 0;
        for (int file = 0; file < Files; file++)
        {
            List<byte> content = [.. seeds[file % seeds.Length]];
            for (int mutations = 1 + random.Next(4); mutations > 0; mutations--)
            {
                Mutate(content, random);
            }

            byte[] bytes = [.. content];
            try
            {
                rows += ReadAndCheck(bytes);
            }
            catch (InvalidDataException error)
            {
                Assert.StartsWith(TableText.Source, error.Message, StringComparison.Ordinal);
                errors++;
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {Seed}, file {file}: {error.GetType().Name} {error.Message} for {Convert.ToHexString(bytes)}");
            }
        }

        // Both outcomes must be common, or the mutations are too wild or too tame to test anything.
        Assert.InRange(errors, Files / 10, Files * 9 / 10);
        Assert.True(rows > Files / 2, $"{rows} rows in {Files} files");
    }

    private static int ReadAndCheck(byte[] bytes)
    {
        using DatasetReader reader = TableText.Open(bytes);
        int lineNumber = 0;
        int count = 0;
        for (; reader.Read(out DatasetRow row); count++)
        {
            Assert.True(row.LineNumber > lineNumber);
            lineNumber = row.LineNumber;
            Assert.True(row.IsComplete ? row.Example.Labels.ToArray().All(label => label < reader.Labels.Count) : row.MissingColumn.Length >= 0);
        }

        return count;
    }

    private static void Mutate(List<byte> content, DeterministicRandom random)
    {
        int position = random.Next(content.Count + 1);
        int length = Math.Min(random.Next(8), content.Count - position);
        switch (random.Next(6))
        {
            case 0:
                content.RemoveRange(position, length);
                break;
            case 1:
                content.InsertRange(position, Pieces[random.Next(Pieces.Length)]);
                break;
            case 2:
                content.RemoveRange(position, length);
                content.InsertRange(position, Pieces[random.Next(Pieces.Length)]);
                break;
            case 3:
                content.InsertRange(position, content.GetRange(position, length));
                break;
            case 4 when position > 0:
                content[position - 1] = (byte)random.Next(256);
                break;
            default:
                content.RemoveRange(Math.Max(position, content.Count / 2), content.Count - Math.Max(position, content.Count / 2));
                break;
        }
    }
}
