"""Multi-label metrics by their textbook definitions, with nothing but the standard library.

Reads {"labels": L, "scores": [...], "truth": [0/1, ...], "thresholds": [...]} from standard input, row-major,
and writes the metrics as JSON. Slow and plain on purpose: it shares no idea with the program that it checks.
"""
import json
import math
import sys


def ratio(a, b):
    return a / b if b else 0.0


def counts(decisions, truth):
    tp = sum(1 for d, t in zip(decisions, truth) if d and t)
    fp = sum(1 for d, t in zip(decisions, truth) if d and not t)
    fn = sum(1 for d, t in zip(decisions, truth) if not d and t)
    return tp, fp, fn


def prf(tp, fp, fn):
    precision = ratio(tp, tp + fp)
    recall = ratio(tp, tp + fn)
    return precision, recall, ratio(2 * precision * recall, precision + recall)


def roc_auc(scores, truth):
    """By average ranks: (sum of the positives' ranks - P (P + 1) / 2) / (P N)."""
    positives = sum(truth)
    negatives = len(truth) - positives
    if not positives or not negatives:
        return None
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        for place in range(start, end):
            ranks[order[place]] = (start + 1 + end) / 2
        start = end
    return (sum(r for r, t in zip(ranks, truth) if t) - positives * (positives + 1) / 2) / (positives * negatives)


def average_precision(scores, truth):
    """sum over thresholds of (R_n - R_(n-1)) P_n, thresholds being the distinct scores from the highest down."""
    positives = sum(truth)
    if not positives:
        return None
    total, last_recall = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        tp, fp, _ = counts([s >= threshold for s in scores], truth)
        recall = tp / positives
        total += (recall - last_recall) * (tp / (tp + fp))
        last_recall = recall
    return total


def calibration_error(scores, truth, bins=15):
    total = 0.0
    for number in range(bins):
        members = [i for i, s in enumerate(scores) if min(int(s * bins), bins - 1) == number]
        if members:
            confidence = math.fsum(scores[i] for i in members) / len(members)
            accuracy = sum(truth[i] for i in members) / len(members)
            total += len(members) / len(scores) * abs(accuracy - confidence)
    return total


def loss(scores, truth):
    def log(x):
        return max(math.log(x), -100.0) if x > 0 else -100.0
    return -math.fsum(log(s) if t else log(1 - s) for s, t in zip(scores, truth)) / len(scores)


def mean(values):
    values = [v for v in values if v is not None]
    return math.fsum(values) / len(values) if values else None


def main():
    data = json.load(sys.stdin)
    width = data["labels"]
    scores, truth = data["scores"], data["truth"]
    rows = len(scores) // width
    decisions = [1 if s >= data["thresholds"][i % width] else 0 for i, s in enumerate(scores)]
    column = lambda values, label: values[label::width]
    per = [counts(column(decisions, l), column(truth, l)) for l in range(width)]
    scored = [prf(*c) for c in per]
    support = [sum(column(truth, l)) for l in range(width)]
    aucs = [roc_auc(column(scores, l), column(truth, l)) for l in range(width)]
    hard = [roc_auc(column(decisions, l), column(truth, l)) for l in range(width)]
    aps = [average_precision(column(scores, l), column(truth, l)) for l in range(width)]
    result = {"loss": loss(scores, truth)}
    for place, name in enumerate(("precision", "recall", "f1")):
        result["micro_" + name] = prf(*map(sum, zip(*per)))[place]
        result["macro_" + name] = mean([s[place] for s in scored])
        result["weighted_" + name] = ratio(sum(s[place] * n for s, n in zip(scored, support)), sum(support))
    result["subset_accuracy"] = sum(
        decisions[r * width:(r + 1) * width] == truth[r * width:(r + 1) * width] for r in range(rows)) / rows
    result["hamming_loss"] = sum(d != t for d, t in zip(decisions, truth)) / len(truth)
    result["roc_auc_micro"] = roc_auc(scores, truth)
    result["roc_auc_macro"] = mean(aucs)
    result["roc_auc_micro_thresholded"] = roc_auc(decisions, truth)
    result["roc_auc_macro_thresholded"] = mean(hard)
    result["average_precision_micro"] = average_precision(scores, truth)
    result["average_precision_macro"] = mean(aps)
    result["calibration_error_micro"] = calibration_error(scores, truth)
    result["calibration_error_macro"] = mean([calibration_error(column(scores, l), column(truth, l)) for l in range(width)])
    result["per_label"] = [
        {"precision": scored[l][0], "recall": scored[l][1], "f1": scored[l][2], "support": support[l], "roc_auc": aucs[l],
         "roc_auc_thresholded": hard[l], "average_precision": aps[l]} for l in range(width)]
    json.dump(result, sys.stdout)


main()
