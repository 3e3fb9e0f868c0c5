using System.Buffers.Binary;
using System.Text;

namespace GoEmotions.Onnx.Parity.Tests.Encoders;

/// <summary>
/// Edits a 64-bit ELF library that asks for a symbol which an older system library lacks. The symbol meant,
/// <c>std::ios_base_library_init()</c>, initialises the standard streams, which older versions of libstdc++ do by themselves. So the
/// library is made to call another function without arguments instead, one that it imports already and that does no harm.
/// </summary>
internal static class ElfEdit
{
    private const uint DynamicSymbols = 11;
    private const uint VersionTable = 0x6FFFFFFF;
    private const uint VersionNeeds = 0x6FFFFFFE;
    private const int SymbolSize = 24;
    private const ushort WeakFlag = 2;

    /// <summary>Replaces the file; the earlier one stays whole until the edited one takes its place.</summary>
    public static void ReplaceMissingSymbol(string path, string missing, string version, string substitute)
    {
        byte[] image = File.ReadAllBytes(path);
        Edit(image, missing, version, substitute);
        string beside = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllBytes(beside, image);
        File.Move(beside, path, overwrite: true);
    }

    private static void Edit(byte[] image, string missing, string version, string substitute)
    {
        Section[] sections = Sections(image);
        Section symbols = Find(sections, DynamicSymbols);
        Section versions = Find(sections, VersionTable);
        long strings = sections[symbols.Link].Offset;
        int from = -1;
        int to = -1;
        for (int index = 0; index < symbols.Size / SymbolSize; index++)
        {
            string name = Text(image, strings + U32(image, symbols.Offset + (index * SymbolSize)));
            from = name == substitute ? index : from;
            to = name == missing ? index : to;
        }

        if (from < 0 || to < 0)
        {
            throw new InvalidDataException($"the library imports {(to < 0 ? $"no '{missing}'" : $"no '{substitute}'")}, so another symbol or library is missing");
        }

        // Name (the first 4 bytes of a symbol) and version are taken over; both are undefined functions.
        image.AsSpan((int)symbols.Offset + (from * SymbolSize), 4).CopyTo(image.AsSpan((int)symbols.Offset + (to * SymbolSize)));
        image.AsSpan((int)versions.Offset + (from * 2), 2).CopyTo(image.AsSpan((int)versions.Offset + (to * 2)));
        WeakenVersion(image, Find(sections, VersionNeeds), sections, version);
    }

    // The loader refuses a library whose version needs are not met unless they are marked weak.
    private static void WeakenVersion(byte[] image, Section needs, Section[] sections, string version)
    {
        long strings = sections[needs.Link].Offset;
        long need = needs.Offset;
        while (true)
        {
            int count = U16(image, need + 2);
            long entry = need + U32(image, need + 8);
            for (int i = 0; i < count; i++)
            {
                if (Text(image, strings + U32(image, entry + 8)) == version)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan((int)entry + 4), (ushort)(U16(image, entry + 4) | WeakFlag));
                }

                entry += U32(image, entry + 12);
            }

            uint next = U32(image, need + 12);
            if (next == 0)
            {
                return;
            }

            need += next;
        }
    }

    private static Section[] Sections(byte[] image)
    {
        if (image.Length < 64 || !image.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2]))
        {
            throw new InvalidDataException("the library is no 64-bit ELF file");
        }

        long table = (long)U64(image, 0x28);
        int size = U16(image, 0x3A);
        var sections = new Section[U16(image, 0x3C)];
        for (int i = 0; i < sections.Length; i++)
        {
            long at = table + ((long)i * size);
            sections[i] = new Section(U32(image, at + 4), (long)U64(image, at + 24), (long)U64(image, at + 32), (int)U32(image, at + 40));
        }

        return sections;
    }

    private static Section Find(Section[] sections, uint type) =>
        Array.Find(sections, section => section.Type == type) ?? throw new InvalidDataException($"the library has no ELF section of type 0x{type:X}");

    private static string Text(byte[] image, long at)
    {
        ReadOnlySpan<byte> rest = image.AsSpan((int)at);
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private static ushort U16(byte[] image, long at) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan((int)at));

    private static uint U32(byte[] image, long at) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan((int)at));

    private static ulong U64(byte[] image, long at) => BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan((int)at));

    private sealed record Section(uint Type, long Offset, long Size, int Link);
}
