using System.Buffers;

namespace Appliance.Mail.Dkim;

/// <summary>RFC 6376 §3.4: what a signature covers, so that relays may change white space.</summary>
internal enum Canonicalization
{
    Simple,
    Relaxed,
}

internal static class CanonicalHeader
{
    private const int MostOnStack = 1024;

    /// <summary>Writes a field as it is signed, line end included.</summary>
    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> field, Canonicalization form)
    {
        if (form == Canonicalization.Relaxed)
            WriteRelaxed(to, field);
        else
            to.Write(field);
        if (form == Canonicalization.Relaxed || !field.EndsWith("\r\n"u8))
            to.Write("\r\n"u8);
    }

    /// <summary>Writes the signing field itself: with nothing in its <c>b=</c>, and without the line end (RFC 6376 §3.7).</summary>
    public static void WriteSigning(IBufferWriter<byte> to, ReadOnlySpan<byte> field, Canonicalization form)
    {
        var (start, end) = FindSignature(field);
        var length = field.Length - (end - start);
        Span<byte> trimmed = length <= MostOnStack ? stackalloc byte[length] : new byte[length];
        field[..start].CopyTo(trimmed);
        field[end..].CopyTo(trimmed[start..]);
        if (trimmed.EndsWith("\r\n"u8))
            trimmed = trimmed[..^2];
        if (form == Canonicalization.Relaxed)
            WriteRelaxed(to, trimmed);
        else
            to.Write(trimmed);
    }

    /// <summary>§3.4.2: name in lower case, value unfolded, white space reduced to one space, none at the ends.</summary>
    private static void WriteRelaxed(IBufferWriter<byte> to, ReadOnlySpan<byte> field)
    {
        var into = to.GetSpan(field.Length);
        var written = 0;
        var colon = field.IndexOf((byte)':');
        foreach (var character in field[..colon].TrimEnd(" \t"u8))
            into[written++] = character is >= (byte)'A' and <= (byte)'Z' ? (byte)(character | 0x20) : character;
        into[written++] = (byte)':';
        var valueStart = written;
        var space = false;
        foreach (var character in field[(colon + 1)..])
        {
            if (character is (byte)' ' or (byte)'\t')
                space = true;
            else if (character is not ((byte)'\r' or (byte)'\n'))
            {
                if (space && written > valueStart)
                    into[written++] = (byte)' ';
                space = false;
                into[written++] = character;
            }
        }
        to.Advance(written);
    }

    /// <summary>Where the value of <c>b=</c> stands in the field, white space around it included.</summary>
    private static (int Start, int End) FindSignature(ReadOnlySpan<byte> field)
    {
        for (var at = field.IndexOf((byte)':') + 1; at < field.Length;)
        {
            var length = field[at..].IndexOf((byte)';');
            var end = length < 0 ? field.Length : at + length;
            var equals = field[at..end].IndexOf((byte)'=');
            if (equals >= 0 && field.Slice(at, equals).Trim(" \t\r\n"u8) is [(byte)'b'])
                return (at + equals + 1, length < 0 && field.EndsWith("\r\n"u8) ? end - 2 : end);
            at = end + 1;
        }
        return (field.Length, field.Length);
    }
}
