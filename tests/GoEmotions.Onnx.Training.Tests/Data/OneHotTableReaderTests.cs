using GoEmotions.Onnx.Training.Data;

namespace GoEmotions.Onnx.Training.Tests.Data;

public sealed class OneHotTableReaderTests
{
    [Fact]
    public void Read_NotebookRow_GivesTextIdLabelsAndPlace()
    {
        string content = $"{TableText.GoEmotionsHeader}\n{TableText.Row("x1", "\"Hi, \"\"you\"\"\n!\"", 0, 27)}\n{TableText.Row("x2", "b").Replace("FALSE", "TRUE", StringComparison.Ordinal)}\n";
        List<DatasetRow> rows = TableText.Read(content);
        EmotionExample first = rows[0].Example!;
        Assert.Equal(new EmotionExample { Text = "Hi, \"you\"\n!", Id = "x1", Labels = LabelSet.Create(0, 27), Source = "data.csv", LineNumber = 2 }, first);
        Assert.True(rows[1].Example!.IsUnclear);
        Assert.Equal(4, rows[1].LineNumber);
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [InlineData("0.0", false)]
    [InlineData("1.0", true)]
    [InlineData("1.", true)]
    [InlineData(" 1 ", true)]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("TRUE", true)]
    [InlineData("false", false)]
    [InlineData("FALSE", false)]
    public void Read_LabelCell_TakesAllWaysOfWritingIt(string cell, bool expected)
    {
        Assert.Equal(expected, TableText.Read($"text,joy\nhello,{cell}\n")[0].Example!.Labels.Contains(0));
    }

    [Theory]
    [InlineData("2", "'2'")]
    [InlineData("-1", "'-1'")]
    [InlineData("0.5", "'0.5'")]
    [InlineData("1.01", "'1.01'")]
    [InlineData("yes", "'yes'")]
    [InlineData("10", "'10'")]
    [InlineData("\" \"", "' '")]
    [InlineData("\"1\n\"", "'1\\u000a'")]
    public void Read_OtherLabelValue_NamesLineAndColumn(string cell, string shown)
    {
        Assert.Equal(
            $"data.csv:3: column 'joy' (3) holds {shown}, expected 0 or 1 (also 0.0, 1.0, true, false). Mend the cell, or name the column as one to ignore.",
            TableText.Error($"text,fear,joy\nfirst,1,0\nhello,0,{cell}\n"));
    }

    [Theory]
    [InlineData("x,hello,FALSE,", "joy")]
    [InlineData("x,hello", "example_very_unclear")]
    [InlineData("x,,FALSE,1,0", "text")]
    [InlineData(",hello,FALSE,1,0", "id")]
    [InlineData("x,NA,FALSE,1,0", "text")]
    [InlineData("x,hello,FALSE,nan,2", "joy")]
    [InlineData("x,\"\",FALSE,1,0", "text")]
    [InlineData("x,\"cut in the mid", "text")]
    [InlineData("x,hello,FALSE,1,\"", "fear")]
    public void Read_MissingCell_IsARowThatNamesIt(string row, string column)
    {
        List<DatasetRow> rows = TableText.Read($"id,text,example_very_unclear,joy,fear\na,b,FALSE,1,0\n{row}");
        Assert.True(rows[0].IsComplete);
        Assert.False(rows[1].IsComplete);
        Assert.Equal((3, column), (rows[1].LineNumber, rows[1].MissingColumn));
    }

    [Fact]
    public void Read_RawReleaseColumns_AreAcceptedAndMayNotBeMissing()
    {
        const string Header = "text,id,author,subreddit,link_id,parent_id,created_utc,rater_id,example_very_unclear,joy,fear\n";
        using DatasetReader reader = TableText.Open(Header + "hello,a,b,c,d,e,1548381039.0,7,False,1,0\nhello,a,,c,d,e,1548381039.0,8,False,1,0\n");
        List<DatasetRow> rows = TableText.Rest(reader);
        Assert.Equal(EmotionLabels.Create("joy", "fear"), reader.Labels);
        Assert.Empty(reader.IgnoredColumns);
        Assert.Equal([null, "author"], rows.Select(row => row.MissingColumn));
    }

    [Fact]
    public void Open_LabelSetOfItsOwn_IsFoundByContent()
    {
        using DatasetReader reader = TableText.Open("Unnamed: 0,note,text,calm,date,angry,\n0,,hello,1,2020,,x\n1,x,there,0.0,2021,TRUE,x\n");
        Assert.Equal(EmotionLabels.Create("calm", "angry"), reader.Labels);
        Assert.Equal(["Unnamed: 0", "note", "date", ""], reader.IgnoredColumns);
        Assert.Equal(["angry", null], TableText.Rest(reader).Select(row => row.MissingColumn));
    }

    [Fact]
    public void Open_ColumnOfZerosOnesAndMore_IsAmbiguous()
    {
        Assert.Equal(
            "data.csv:3: column 'score' (3) holds '12', expected 0 or 1 (also 0.0, 1.0, true, false) as in line 2. Mend the cell, or name the label columns, or the column as one to ignore.",
            TableText.Error("text,calm,score\nhello,1,1\nthere,0,12\n"));
    }

    [Fact]
    public void Open_NamedColumns_AreTakenAsAsked()
    {
        const string Content = "comment,calm,angry,score\nhello,1,0,1\nthere,0,1,12\n";
        using DatasetReader ignoring = TableText.Open(Content, new DatasetReaderOptions { TextColumn = "comment", IgnoredColumns = ["score"] });
        Assert.Equal(EmotionLabels.Create("calm", "angry"), ignoring.Labels);
        using DatasetReader naming = TableText.Open(Content, new DatasetReaderOptions { TextColumn = "comment", LabelColumns = ["angry"] });
        Assert.Equal(EmotionLabels.Create("angry"), naming.Labels);
        Assert.Equal(["calm", "score"], naming.IgnoredColumns);
        Assert.Equal(["hello", "there"], TableText.Rest(naming).Select(row => row.Example!.Text));
    }

    [Fact]
    public void Open_LabelColumnThatIsNotThere_IsRefused()
    {
        Assert.Equal(
            "data.csv:1: column 'x' was asked for as a label, expected it in the header beside the text column. Name a column of the file.",
            TableText.Error("text,calm\nhello,1\n", new DatasetReaderOptions { LabelColumns = ["x"] }));
    }

    [Fact]
    public void Open_NoLabelColumn_IsRefused()
    {
        Assert.Equal("data.csv: found no label among the columns id, text, note, expected columns of 0 and 1. Name the label columns.", TableText.Error("id,text,note\na,hello,x\n"));
    }

    [Fact]
    public void Open_HeaderOnly_IsRefused()
    {
        Assert.Equal("data.csv: the file has a header and no row, expected labelled texts below it. Pass the whole file.", TableText.Error(TableText.GoEmotionsHeader + "\n\n"));
    }

    [Fact]
    public void Open_ColumnTwice_IsRefused()
    {
        Assert.Equal("data.csv:2: column 'joy' stands at 2 and at 3, expected distinct columns. Rename or remove one of them.", TableText.Error("\ntext,joy, joy\nhello,1,1\n"));
    }

    [Fact]
    public void Open_LabelsAskedFor_AreBroughtIntoTheirOrder()
    {
        var labels = EmotionLabels.Create("fear", "joy");
        using DatasetReader reader = TableText.Open("text,joy,fear\nhello,1,0\n", new DatasetReaderOptions { Labels = labels });
        Assert.Same(labels, reader.Labels);
        Assert.Equal(LabelSet.Create(1), TableText.Rest(reader)[0].Example!.Labels);
    }

    [Fact]
    public void Open_OtherLabelsThanAskedFor_NamesThem()
    {
        var options = new DatasetReaderOptions { Labels = EmotionLabels.Create("fear", "joy", "calm") };
        Assert.Equal(
            "data.csv:1: the header lacks the label columns fear, calm, expected all 3 labels. Pass data with the labels of the model or of the other files.",
            TableText.Error("text,joy\nhello,1\n", options));
        Assert.Equal(
            "data.csv:1: label column 'angry' (5) is not among the 3 labels expected. Pass data with the labels of the model or of the other files, or name the column as one to ignore.",
            TableText.Error("text,joy,fear,calm,angry\nhello,1,0,0,0\n", options));
    }

    [Fact]
    public void Read_TooManyColumns_IsAnError()
    {
        Assert.Equal(
            "data.csv:3: found 3 columns, expected 2 as in the header. Put texts that hold a separator in quotes.",
            TableText.Error("text,joy\nhello,1\nhello, you,1\n"));
    }

    [Fact]
    public void Read_QuoteNeverClosed_NamesItsLine()
    {
        Assert.Equal(
            "data.csv:3: column 1 opens a quote that is never closed: '\"hello,1\\u000anext,0\\u000a', expected a closing quote before the end of the file. Close or double the quote.",
            TableText.Error("text,joy\nfirst,0\n\"hello,1\nnext,0\n"));
    }

    [Fact]
    public void Read_TextAfterQuote_NamesItsColumn()
    {
        Assert.Equal(
            "data.csv:2: column 2 has text after its closing quote: '\"say \"hello\" now\",1', expected a separator. Double the quotes inside the cell.",
            TableText.Error("id,text,joy\nx\"y,\"say \"hello\" now\",1\n"));
        Assert.Equal(
            "data.csv:1: column 1 has text after its closing quote: '\"id\"s,text,joy', expected a separator. Double the quotes inside the cell.",
            TableText.Error("\"id\"s,text,joy\nx,y,1\n"));
    }

    [Fact]
    public void Read_QuoteInsideACell_IsAnOrdinaryCharacter()
    {
        Assert.Equal("5\" \"wide\"", TableText.Read("text,joy\n5\" \"wide\",1\n")[0].Example!.Text);
    }

    [Fact]
    public void Read_EndlessRow_IsAnErrorBeforeItFillsTheMemory()
    {
        byte[] content = new byte[TableReading.MaxRowLength + 200_000];
        content.AsSpan().Fill((byte)'a');
        "text,joy\nfirst,1\n\""u8.CopyTo(content);
        string message = Assert.Throws<InvalidDataException>(() => TableText.Read(content)).Message;
        Assert.Equal("data.csv:3: the row is longer than 16777216 bytes, expected a comment. Close the quote that opens in it.", message);
    }

    [Fact]
    public void Read_LabelValueBeyondTheRowsLookedAt_IsAnError()
    {
        string content = "text,calm\n" + string.Concat(Enumerable.Repeat("hello,1\n", TableColumns.RowsLookedAt + 10)) + "there,3\n";
        Assert.Equal($"data.csv:{TableColumns.RowsLookedAt + 12}: column 'calm' (2) holds '3', expected 0 or 1 (also 0.0, 1.0, true, false). Mend the cell, or name the column as one to ignore.", TableText.Error(content));
    }
}
