namespace GoEmotions.Onnx.Training.Evaluation;

/// <summary>
/// A label's probabilities made honest by a line on the logit scale: <c>sigmoid(slope x logit(p) + intercept)</c> (Platt 1999,
/// Probabilistic outputs for support vector machines).
/// </summary>
/// <param name="Slope">Below 1 for a model that is too sure of itself.</param>
/// <param name="Intercept">Below 0 for one that says the label too often.</param>
internal readonly record struct LogisticCalibration(double Slope, double Intercept)
{
    private const int MaxIterations = 50;
    private const double Tolerance = 1e-10;

    // Scores of 0 and 1 have no finite logit.
    private const double Margin = 1e-7;

    /// <summary>Leaves probabilities as they are.</summary>
    public static LogisticCalibration None { get; } = new(1, 0);

    /// <summary>
    /// Finds the most probable line, with a standard normal prior of slope - 1 and of intercept: what has few positives stays near
    /// the model's own probabilities. Newton's method on a strictly convex function, its steps halved where they overshoot.
    /// </summary>
    public static LogisticCalibration Fit(RankedScores ranked)
    {
        LogisticCalibration line = None;
        double loss = line.Loss(ranked);
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            (double slope, double intercept) = line.NewtonStep(ranked);
            double scale = 1;
            LogisticCalibration next;
            double nextLoss;
            do
            {
                next = new LogisticCalibration(line.Slope - (scale * slope), line.Intercept - (scale * intercept));
                nextLoss = next.Loss(ranked);
                scale /= 2;
            }
            while (!(nextLoss <= loss) && scale > Tolerance);

            if (!(nextLoss <= loss))
            {
                break;
            }

            bool isThere = loss - nextLoss <= Tolerance * loss;
            line = next;
            loss = nextLoss;
            if (isThere)
            {
                break;
            }
        }

        return line;
    }

    /// <summary>The calibrated probability.</summary>
    public double Apply(double probability) => Sigmoid((Slope * Logit(probability)) + Intercept);

    private static double Logit(double probability)
    {
        double clamped = Math.Clamp(probability, Margin, 1 - Margin);
        return Math.Log(clamped / (1 - clamped));
    }

    private static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));

    private static double Softplus(double logit) => Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit)));

    // Minus the logarithm of the posterior, up to a constant.
    private double Loss(RankedScores ranked)
    {
        double loss = (((Slope - 1) * (Slope - 1)) + (Intercept * Intercept)) / 2;
        ScoreGroup above = default;
        foreach (ScoreGroup group in ranked.Groups)
        {
            double logit = (Slope * Logit(group.Score)) + Intercept;
            loss += ((group.Predicted - above.Predicted) * Softplus(logit)) - ((group.TruePositives - above.TruePositives) * logit);
            above = group;
        }

        return loss;
    }

    private (double Slope, double Intercept) NewtonStep(RankedScores ranked)
    {
        double slopeGradient = Slope - 1, interceptGradient = Intercept;
        double slopeCurvature = 1, interceptCurvature = 1, mixed = 0;
        ScoreGroup above = default;
        foreach (ScoreGroup group in ranked.Groups)
        {
            double logit = Logit(group.Score);
            double probability = Sigmoid((Slope * logit) + Intercept);
            double count = group.Predicted - above.Predicted;
            double error = (count * probability) - (group.TruePositives - above.TruePositives);
            double curvature = count * probability * (1 - probability);
            slopeGradient += error * logit;
            interceptGradient += error;
            slopeCurvature += curvature * logit * logit;
            interceptCurvature += curvature;
            mixed += curvature * logit;
            above = group;
        }

        double determinant = (slopeCurvature * interceptCurvature) - (mixed * mixed);
        return (((interceptCurvature * slopeGradient) - (mixed * interceptGradient)) / determinant, ((slopeCurvature * interceptGradient) - (mixed * slopeGradient)) / determinant);
    }
}
