namespace GoEmotions.Onnx.Graphs.Shapes;

/// <summary>Operators that rearrange, cut, join or repeat without computing.</summary>
internal static class LayoutRules
{
    public static IEnumerable<OperatorRule> Rows =>
    [
        new("Reshape", 5, "*L", TypeSet.Any, "allowzero:INT", Reshape),
        new("Transpose", 1, "*", TypeSet.Any, "perm:INTS", Transpose),
        new("Flatten", 1, "*", TypeSet.Any, "axis:INT", Flatten),
        new("Squeeze", 1, "*", TypeSet.Any, "axes:INTS", c => Squeeze(c, c.Ints("axes"), c.Attribute("axes") is null)),
        new("Squeeze", 13, "*|L", TypeSet.Any, "", c => Squeeze(c, c.InputNumbers(1), !c.HasInput(1))),
        new("Unsqueeze", 1, "*", TypeSet.Any, "axes:INTS", c => Unsqueeze(c, c.Ints("axes"))),
        new("Unsqueeze", 13, "*L", TypeSet.Any, "", c => Unsqueeze(c, c.InputNumbers(1))),
        new("Concat", 4, "T+", TypeSet.Any, "axis:INT", Concat),
        new("Split", 2, "*", TypeSet.Any, "axis:INT split:INTS", c => Split(c, c.Ints("split"), false), MaxOutputs: int.MaxValue),
        new("Split", 13, "*|L", TypeSet.Any, "axis:INT", c => Split(c, c.InputNumbers(1), c.HasInput(1)), MaxOutputs: int.MaxValue),
        new("Split", 18, "*|L", TypeSet.Any, "axis:INT num_outputs:INT", c => Split(c, c.InputNumbers(1), c.HasInput(1)), MaxOutputs: int.MaxValue),
        new("Slice", 1, "*", TypeSet.Any, "axes:INTS starts:INTS ends:INTS", c => Slice(c, Elements(c.Ints("starts")), Elements(c.Ints("ends")), c.Ints("axes"), null, true)),
        new("Slice", 10, "*II|II", TypeSet.Any, "", SliceByInputs),
        new("Expand", 8, "*L", TypeSet.Any, "", Expand),
        new("Tile", 6, "*L", TypeSet.Any, "", Tile),
        new("Pad", 11, "*L|*I", TypeSet.Any, "mode:STRING", Pad),
    ];

    private static Dimension[]? Elements(long[]? values) => values is null ? null : Array.ConvertAll(values, Dimension.Element);

    private static void Reshape(ShapeContext context)
    {
        SymbolicShape? input = context.InputShape(0);
        if (context.InputElements(1) is not { } target)
        {
            bool rankKnown = context.InputShape(1) is { Rank: 1 } length && length[0].IsConstant && length[0].Value <= ShapeContext.MaxElements;
            context.OutputAsInput(rankKnown ? SymbolicShape.Unknown((int)context.InputShape(1)![0].Value) : null);
            return;
        }

        bool zeroIsZero = context.Int("allowzero", 0) != 0;
        var result = new Dimension[target.Length];
        int open = -1;
        Dimension known = 1;
        for (int axis = 0; axis < target.Length; axis++)
        {
            Dimension wanted = target[axis];
            if (wanted.IsConstant && wanted.Value < 0)
            {
                if (wanted.Value != -1 || open >= 0)
                {
                    context.Fail($"the target shape is [{string.Join(", ", target)}], expected sizes of 0 or more and at most one -1");
                }

                open = axis;
                continue;
            }

            if (wanted is { IsConstant: true, Value: 0 } && !zeroIsZero)
            {
                if (input is not null && axis >= input.Rank)
                {
                    context.Fail($"the target shape [{string.Join(", ", target)}] copies axis {axis} of {input}, which has none");
                }

                wanted = input?[axis] ?? Dimension.Unknown;
            }

            result[axis] = wanted;
            known *= wanted;
        }

        Dimension total = input?.ElementCount ?? Dimension.Unknown;
        if (open >= 0)
        {
            result[open] = OpenDimension(context, input, target, total, known);
        }
        else if (!known.IsUnknown && !total.IsUnknown && known != total
            && (context.Strict || (known.IsConstant && total.IsConstant)))
        {
            context.Fail($"{input} has {total} elements, expected {known} for the target shape {SymbolicShape.Create(result)}");
        }

        context.OutputAsInput(SymbolicShape.Create(result), context.InputElements(0));
    }

    private static Dimension OpenDimension(ShapeContext context, SymbolicShape? input, Dimension[] target, Dimension total, Dimension known)
    {
        if (total.TryDivide(known, out Dimension rest))
        {
            return rest;
        }

        if (total.IsConstant && known.IsConstant && known.Value != 0)
        {
            context.Fail($"{input} has {total} elements, expected a multiple of {known} for the target shape [{string.Join(", ", target)}]");
        }

        return Dimension.Unknown;
    }

    private static void Transpose(ShapeContext context)
    {
        if (context.InputShape(0) is not { } shape)
        {
            context.OutputAsInput(null);
            return;
        }

        var result = new Dimension[shape.Rank];
        if (context.Ints("perm") is { } order)
        {
            if (order.Length != shape.Rank || order.Any(axis => axis < 0) || context.Axes(order, shape.Rank, "attribute 'perm'").Length != shape.Rank)
            {
                context.Fail($"attribute 'perm' is [{string.Join(", ", order)}], expected a permutation of the {shape.Rank} axes of {shape}");
            }

            for (int axis = 0; axis < result.Length; axis++)
            {
                result[axis] = shape[(int)order[axis]];
            }
        }
        else
        {
            shape.AsSpan().CopyTo(result);
            Array.Reverse(result);
        }

        context.OutputAsInput(SymbolicShape.Create(result));
    }

    private static void Flatten(ShapeContext context)
    {
        if (context.InputShape(0) is not { } shape)
        {
            context.OutputAsInput(SymbolicShape.Unknown(2));
            return;
        }

        long axis = context.Int("axis", 1);
        int split = axis == shape.Rank ? shape.Rank : context.Axis(axis, shape.Rank, "attribute 'axis'");
        context.OutputAsInput([
            SymbolicShape.Create(shape.AsSpan()[..split]).ElementCount,
            SymbolicShape.Create(shape.AsSpan()[split..]).ElementCount]);
    }

    private static void Squeeze(ShapeContext context, long[]? axes, bool all)
    {
        if (context.InputShape(0) is not { } shape || (axes is null && !all) || (all && shape.Any(d => !d.IsConstant)))
        {
            context.OutputAsInput(null);
            return;
        }

        int[] dropped = all
            ? [.. Enumerable.Range(0, shape.Rank).Where(axis => shape[axis].IsOne)]
            : context.Axes(axes, shape.Rank, "the axes");
        var kept = new List<Dimension>(shape.Rank);
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            if (!dropped.Contains(axis))
            {
                kept.Add(shape[axis]);
            }
            else if (shape[axis] is { IsConstant: true, IsOne: false } || (context.Strict && shape[axis].IsSymbolic))
            {
                context.Fail($"axis {axis} of {shape} is {shape[axis]}, expected 1 to squeeze it");
            }
        }

        context.OutputAsInput(SymbolicShape.Create([.. kept]), context.InputElements(0));
    }

    private static void Unsqueeze(ShapeContext context, long[]? axes)
    {
        if (context.InputShape(0) is not { } shape || axes is null)
        {
            context.OutputAsInput(null);
            return;
        }

        int rank = shape.Rank + axes.Length;
        int[] added = context.Axes(axes, rank, "the axes");
        var result = new Dimension[rank];
        int next = 0;
        for (int axis = 0; axis < rank; axis++)
        {
            result[axis] = added.Contains(axis) ? 1 : shape[next++];
        }

        context.OutputAsInput(SymbolicShape.Create(result), context.InputElements(0));
    }

    private static void Concat(ShapeContext context)
    {
        if (context.Attribute("axis") is null)
        {
            context.Fail("has no attribute 'axis', expected the axis to join on");
        }

        SymbolicShape? result = context.InputShape(0);
        if (result is not null)
        {
            int axis = context.Axis("axis", 0, result.Rank);
            for (int i = 1; i < context.InputCount; i++)
            {
                if (context.InputShape(i) is not { } next)
                {
                    result = result.With(axis, Dimension.Unknown);
                    continue;
                }

                if (next.Rank != result.Rank)
                {
                    context.Fail($"input {i} has shape {next}, expected rank {result.Rank} as {result}");
                }

                Dimension[] joined = new Dimension[result.Rank];
                for (int other = 0; other < joined.Length; other++)
                {
                    joined[other] = other == axis
                        ? Dimension.Add(result[other], next[other])
                        : context.Same(result[other], next[other], $"on axis {other}, inputs 0 and {i} of shapes {context.InputShape(0)} and {next}");
                }

                result = SymbolicShape.Create(joined);
            }
        }

        Dimension[]? elements = null;
        if (result is { Rank: 1 })
        {
            elements = [];
            for (int i = 0; i < context.InputCount && elements is not null; i++)
            {
                elements = context.InputElements(i) is { } part ? [.. elements, .. part]
                    : context.InputShape(i) is { Rank: 1 } shape && shape[0].IsConstant && shape[0].Value <= ShapeContext.MaxElements
                        ? [.. elements, .. SymbolicShape.Unknown((int)shape[0].Value)]
                        : null;
            }
        }

        context.OutputAsInput(result, elements);
    }

    private static void Split(ShapeContext context, long[]? sizes, bool sizesAreInput)
    {
        if (context.InputShape(0) is not { } shape)
        {
            for (int i = 0; i < context.OutputCount; i++)
            {
                context.Output(i, context.InputType(0), null);
            }

            return;
        }

        int axis = context.Axis("axis", 0, shape.Rank);
        Dimension total = shape[axis];
        int parts = context.OutputCount;
        if (context.Attribute("num_outputs") is { } declared && declared.I != parts)
        {
            context.Fail($"attribute 'num_outputs' is {declared.I}, expected {parts} as the node has {parts} outputs");
        }

        if (sizes is not null && (sizes.Length != parts || sizes.Any(size => size < 0) || (total.IsConstant && sizes.Sum() != total.Value)))
        {
            context.Fail($"the sizes are [{string.Join(", ", sizes)}], expected {parts} of them, of sum {total}");
        }

        for (int i = 0; i < parts; i++)
        {
            Dimension size = sizes is not null ? sizes[i] : sizesAreInput ? Dimension.Unknown : EqualPart(context, total, parts, i);
            context.Output(i, context.InputType(0), shape.With(axis, size));
        }
    }

    // From opset 18 a remainder makes the last part smaller; before, the parts must be equal.
    private static Dimension EqualPart(ShapeContext context, Dimension total, int parts, int index)
    {
        if (total.TryDivide(parts, out Dimension size))
        {
            return size;
        }

        if (!total.IsConstant)
        {
            return Dimension.Unknown;
        }

        if (context.Attribute("num_outputs") is null)
        {
            context.Fail($"axis of size {total} is split into {parts} parts, expected a multiple of {parts} (or sizes)");
        }

        long chunk = (total.Value + parts - 1) / parts;
        return Math.Max(0, Math.Min(chunk, total.Value - (chunk * index)));
    }

    private static void SliceByInputs(ShapeContext context) => Slice(
        context,
        context.InputElements(1),
        context.InputElements(2),
        context.HasInput(3) ? context.InputNumbers(3) : null,
        context.HasInput(4) ? context.InputNumbers(4) : null,
        (!context.HasInput(3) || context.InputNumbers(3) is not null) && (!context.HasInput(4) || context.InputNumbers(4) is not null));

    private static void Slice(ShapeContext context, Dimension[]? starts, Dimension[]? ends, long[]? axes, long[]? steps, bool axesKnown)
    {
        if (context.InputShape(0) is not { } shape || !axesKnown || starts is null || ends is null)
        {
            context.OutputAsInput(context.InputShape(0) is { } known ? SymbolicShape.Unknown(known.Rank) : null);
            return;
        }

        axes ??= [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        steps ??= [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
        {
            context.Fail($"has {starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps, expected as many of each");
        }

        int[] cut = context.Axes(axes, shape.Rank, "the axes");
        Dimension[]? elements = context.InputElements(0);
        SymbolicShape result = shape;
        for (int i = 0; i < cut.Length; i++)
        {
            if (steps[i] == 0)
            {
                context.Fail("a step is 0, expected a positive or negative one");
            }

            result = result.With(cut[i], SliceLength(shape[cut[i]], starts[i], ends[i], steps[i]));
            elements = shape.Rank == 1 && elements is not null && starts[i].IsConstant && ends[i].IsConstant
                ? SliceElements(elements, starts[i].Value, ends[i].Value, steps[i])
                : null;
        }

        context.OutputAsInput(result, elements);
    }

    private static Dimension SliceLength(Dimension size, Dimension start, Dimension end, long step)
    {
        if (size.IsConstant && start.IsConstant && end.IsConstant)
        {
            (long first, long count) = SliceRange(size.Value, start.Value, end.Value, step);
            return count;
        }

        if (step != 1 || start is not { IsConstant: true, Value: 0 })
        {
            return Dimension.Unknown;
        }

        // From the start of an axis: all of it, or as much as a symbol says (which the axis is taken to have).
        return end.IsConstant
            ? end.Value is int.MaxValue or long.MaxValue ? size : end.IsOne && size.IsSymbolic ? 1 : Dimension.Unknown
            : end.IsSymbolic ? end : Dimension.Unknown;
    }

    private static Dimension[] SliceElements(Dimension[] elements, long start, long end, long step)
    {
        (long first, long count) = SliceRange(elements.Length, start, end, step);
        var result = new Dimension[count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = elements[first + (i * step)];
        }

        return result;
    }

    private static (long First, long Count) SliceRange(long size, long start, long end, long step)
    {
        long from = start < 0 ? Math.Max(start, -size) + size : start;
        long to = end < 0 ? Math.Max(end, -size - 1) + size : end;
        if (step > 0)
        {
            from = Math.Clamp(from, 0, size);
            to = Math.Clamp(to, 0, size);
            return (from, to <= from ? 0 : (to - from - 1) / step + 1);
        }

        from = Math.Clamp(from, -1, size - 1);
        to = Math.Clamp(to, -1, size - 1);
        long back = step == long.MinValue ? long.MaxValue : -step;
        return (from, from <= to ? 0 : (from - to - 1) / back + 1);
    }

    private static void Expand(ShapeContext context)
    {
        if (context.InputElements(1) is { } target && Array.TrueForAll(target, d => !d.IsConstant || d.Value >= 0))
        {
            context.OutputAsInput(context.Broadcast(context.InputShape(0), SymbolicShape.Create(target)));
            return;
        }

        context.OutputAsInput(null);
    }

    private static void Tile(ShapeContext context)
    {
        if (context.InputShape(0) is not { } shape || context.InputElements(1) is not { } repeats)
        {
            context.OutputAsInput(context.InputShape(0) is { } known ? SymbolicShape.Unknown(known.Rank) : null);
            return;
        }

        if (repeats.Length != shape.Rank)
        {
            context.Fail($"has {repeats.Length} repeats, expected {shape.Rank} as the input has shape {shape}");
        }

        var result = new Dimension[shape.Rank];
        for (int axis = 0; axis < result.Length; axis++)
        {
            result[axis] = shape[axis] * repeats[axis];
        }

        context.OutputAsInput(SymbolicShape.Create(result));
    }

    private static void Pad(ShapeContext context)
    {
        if (context.InputShape(0) is not { } shape)
        {
            context.OutputAsInput(null);
            return;
        }

        long[]? axes = context.HasInput(3) ? context.InputNumbers(3) : [.. Enumerable.Range(0, shape.Rank).Select(i => (long)i)];
        if (context.InputElements(1) is not { } pads || axes is null)
        {
            context.OutputAsInput(SymbolicShape.Unknown(shape.Rank));
            return;
        }

        int[] padded = context.Axes(axes, shape.Rank, "the axes");
        if (pads.Length != 2 * padded.Length)
        {
            context.Fail($"has {pads.Length} pads, expected {2 * padded.Length}: one before and one after each of {padded.Length} axes");
        }

        SymbolicShape result = shape;
        for (int i = 0; i < padded.Length; i++)
        {
            Dimension size = Dimension.Add(Dimension.Add(pads[i], shape[padded[i]]), pads[i + padded.Length]);
            if (size.IsConstant && size.Value < 0)
            {
                context.Fail($"pads {pads[i]} and {pads[i + padded.Length]} leave {size} of axis {padded[i]} of {shape}, expected 0 or more");
            }

            result = result.With(padded[i], size);
        }

        context.OutputAsInput(result);
    }
}
