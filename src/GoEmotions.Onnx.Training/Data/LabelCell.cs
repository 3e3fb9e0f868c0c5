using System.Text;

namespace GoEmotions.Onnx.Training.Data;

/// <summary>The 0 and 1 of a one-hot table: <c>0</c>, <c>1</c>, <c>0.0</c>, <c>1.00</c>, <c>true</c>, <c>False</c>, spaces around them aside.</summary>
internal static class LabelCell
{
    public const string Expected = "0 or 1 (also 0.0, 1.0, true, false)";

    public static bool TryParse(ReadOnlySpan<byte> cell, out bool value)
    {
        if (cell.Length != 1)
        {
            cell = cell.Trim(" \t"u8);
        }

        value = !cell.IsEmpty && (cell[0] == '1' || (cell[0] | 0x20) == 't');
        return cell.Length switch
        {
            0 => false,
            1 => cell[0] is (byte)'0' or (byte)'1',
            _ when cell[0] is (byte)'0' or (byte)'1' => cell[1] == '.' && cell[2..].TrimStart((byte)'0').IsEmpty,
            4 => Ascii.EqualsIgnoreCase(cell, "true"u8),
            5 => Ascii.EqualsIgnoreCase(cell, "false"u8),
            _ => false,
        };
    }
}
