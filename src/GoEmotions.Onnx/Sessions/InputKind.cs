namespace GoEmotions.Onnx.Sessions;

/// <summary>What an input of a classification graph means.</summary>
internal enum InputKind
{
    InputIds,
    AttentionMask,
    TokenTypeIds,
    PositionIds,
    Lengths,
    PadIndex,
    UnpadIndex,
}
