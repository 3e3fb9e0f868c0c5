using System.Collections;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>Examples and the labels that their indices mean. Immutable and thread-safe.</summary>
public sealed class EmotionDataset : IReadOnlyList<EmotionExample>
{
    private readonly EmotionExample[] _examples;

    private EmotionDataset(EmotionLabels labels, EmotionExample[] examples)
    {
        Labels = labels;
        _examples = examples;
    }

    /// <summary>The labels.</summary>
    public EmotionLabels Labels { get; }

    /// <summary>The number of examples.</summary>
    public int Count => _examples.Length;

    /// <summary>The examples.</summary>
    public ReadOnlySpan<EmotionExample> Examples => _examples;

    /// <summary>An example.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>, exclusive.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="index"/> is outside that range.</exception>
    public EmotionExample this[int index] => _examples[index];

    /// <summary>Makes a data set.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="examples">The examples, copied; their label indices lie below the number of labels.</param>
    /// <returns>The data set.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An example has a label index that is no label.</exception>
    public static EmotionDataset Create(EmotionLabels labels, params IEnumerable<EmotionExample> examples)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(examples);
        EmotionExample[] copy = [.. examples];
        foreach (EmotionExample example in copy)
        {
            foreach (int label in example.Labels)
            {
                if (label >= labels.Count)
                {
                    Throw.Argument($"'examples' holds label index {label} ({example.Source}:{example.LineNumber}), expected less than {labels.Count}, the number of labels. Pass the labels that the examples were read with.", nameof(examples));
                }
            }
        }

        return new EmotionDataset(labels, copy);
    }

    /// <summary>The number of positive examples of each label.</summary>
    /// <returns>A new array with one element for each label, in the order of <see cref="Labels"/>.</returns>
    public int[] CountLabels()
    {
        int[] counts = new int[Labels.Count];
        foreach (EmotionExample example in _examples)
        {
            foreach (int label in example.Labels)
            {
                counts[label]++;
            }
        }

        return counts;
    }

    /// <summary>Which labels hold, as metrics and threshold search take it.</summary>
    /// <returns>A new array, row-major <c>[examples, labels]</c>.</returns>
    public bool[] ToTruthMatrix()
    {
        bool[] truth = new bool[Count * Labels.Count];
        for (int row = 0; row < Count; row++)
        {
            foreach (int label in _examples[row].Labels)
            {
                truth[(row * Labels.Count) + label] = true;
            }
        }

        return truth;
    }

    /// <summary>The examples at some places, in the order of <paramref name="indices"/>.</summary>
    /// <param name="indices">Indices of examples.</param>
    /// <returns>A new data set that shares the examples.</returns>
    /// <exception cref="IndexOutOfRangeException">An index is none of an example.</exception>
    public EmotionDataset Select(ReadOnlySpan<int> indices)
    {
        var examples = new EmotionExample[indices.Length];
        for (int position = 0; position < examples.Length; position++)
        {
            examples[position] = _examples[indices[position]];
        }

        return new EmotionDataset(Labels, examples);
    }

    /// <summary>Replaces labels by the groups of a taxonomy; an example has every group that one of its labels belongs to.</summary>
    /// <param name="taxonomy">A taxonomy of this data set's labels.</param>
    /// <returns>A new data set.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="taxonomy"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="taxonomy"/> maps other labels.</exception>
    public EmotionDataset Map(EmotionTaxonomy taxonomy)
    {
        ArgumentNullException.ThrowIfNull(taxonomy);
        if (!taxonomy.Labels.Equals(Labels))
        {
            Throw.Argument($"'taxonomy' ({taxonomy.Name}) maps {taxonomy.Labels.Count} other labels, expected the {Labels.Count} labels of the data set. Make it for these labels.", nameof(taxonomy));
        }

        return new EmotionDataset(taxonomy.Groups, Array.ConvertAll(_examples, example =>
        {
            LabelSet groups = default;
            foreach (int label in example.Labels)
            {
                groups = groups.Add(taxonomy.GroupOf(label));
            }

            return example with { Labels = groups };
        }));
    }

    /// <inheritdoc/>
    public IEnumerator<EmotionExample> GetEnumerator() => ((IEnumerable<EmotionExample>)_examples).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _examples.GetEnumerator();
}
