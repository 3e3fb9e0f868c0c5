namespace GoEmotions.Onnx.Training.Evaluation.Plots;

/// <summary>The precision-recall curve of ranked scores: steps whose area is the average precision.</summary>
internal static class PrecisionRecallCurve
{
    // Steps narrower than a quarter of a pixel in the largest plot are joined.
    private const double SmallestStep = 1.0 / 1200;

    /// <summary>The corners of the steps, from recall 0 on.</summary>
    public static (double[] Recall, double[] Precision) Points(RankedScores ranked)
    {
        var recalls = new List<double>();
        var precisions = new List<double>();
        double previousRecall = 0;
        int truePositivesAbove = 0;
        foreach (ScoreGroup group in ranked.Groups)
        {
            double recall = (double)group.TruePositives / ranked.Positives;
            bool isLast = group.TruePositives == ranked.Positives;
            if (group.TruePositives > truePositivesAbove && (recall - previousRecall >= SmallestStep || isLast))
            {
                double precision = (double)group.TruePositives / group.Predicted;
                recalls.AddRange([previousRecall, recall]);
                precisions.AddRange([precision, precision]);
                previousRecall = recall;
            }

            truePositivesAbove = group.TruePositives;
            if (isLast)
            {
                break;
            }
        }

        return ([.. recalls], [.. precisions]);
    }
}
