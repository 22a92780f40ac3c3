using System.Buffers;
using System.Text;
using Appliance.Mail.Arrivals;

namespace Appliance.Mail.Headers;

/// <summary>
/// The header of a message (RFC 5322 §2.2) byte by byte, for whoever signs, verifies or removes fields; what fields mean is read in <c>Arrivals</c>. It ends at the
/// first empty line; a line that is no field stays a field without a name. The copy of the header is cleared at <see cref="Dispose"/>.
/// </summary>
public sealed class HeaderBlock : IDisposable
{
    /// <summary>Nobody signs a header of more; it is kept and not verified.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>Likewise.</summary>
    public const int MostFields = 10_000;

    private readonly ScratchBytes _bytes;
    private readonly List<RawField> _fields;

    private HeaderBlock(ScratchBytes bytes, List<RawField> fields, ReadOnlySequence<byte> body)
    {
        _bytes = bytes;
        _fields = fields;
        Body = body;
    }

    /// <summary>From the top.</summary>
    public IReadOnlyList<RawField> Fields => _fields;

    /// <summary>What follows the empty line.</summary>
    public ReadOnlySequence<byte> Body { get; }

    /// <summary>Null when the header has more than <see cref="MostBytes"/> or <see cref="MostFields"/>.</summary>
    public static HeaderBlock? Read(ReadOnlySequence<byte> message)
    {
        var (headerLength, bodyOffset) = Measure(message);
        if (headerLength > MostBytes)
            return null;
        var bytes = new ScratchBytes((int)headerLength);
        foreach (var piece in message.Slice(0, headerLength))
            bytes.Append(piece.Span);
        if (FieldsIn(bytes.Array.AsMemory(0, bytes.Length)) is { } fields)
            return new HeaderBlock(bytes, fields, message.Slice(bodyOffset));
        bytes.Dispose();
        return null;
    }

    public IEnumerable<RawField> All(string name)
    {
        foreach (var field in _fields)
            if (field.Is(name))
                yield return field;
    }

    public void Dispose() => _bytes.Dispose();

    private static (long Header, long Body) Measure(ReadOnlySequence<byte> message)
    {
        if (message.FirstSpan.StartsWith("\r\n"u8))
            return (0, 2);
        if (message.FirstSpan.IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            return (end + 2, end + 4);
        var reader = new SequenceReader<byte>(message);
        if (reader.IsNext("\r\n"u8))
            return (0, 2);
        return reader.TryReadTo(out ReadOnlySequence<byte> header, "\r\n\r\n"u8) ? (header.Length + 2, header.Length + 4) : (message.Length, message.Length);
    }

    private static List<RawField>? FieldsIn(ReadOnlyMemory<byte> header)
    {
        var fields = new List<RawField>();
        for (var start = 0; start < header.Length;)
        {
            var end = start;
            do
                end = LineEnd(header.Span, end);
            while (end < header.Length && header.Span[end] is (byte)' ' or (byte)'\t');
            if (fields.Count == MostFields)
                return null;
            fields.Add(new RawField(NameOf(header.Span[start..end]), header[start..end], start));
            start = end;
        }
        return fields;
    }

    /// <summary>Past the CRLF, or the end.</summary>
    private static int LineEnd(ReadOnlySpan<byte> header, int from)
    {
        var length = header[from..].IndexOf("\r\n"u8);
        return length < 0 ? header.Length : from + length + 2;
    }

    private static string NameOf(ReadOnlySpan<byte> field)
    {
        var colon = field.IndexOf((byte)':');
        // RFC 5322 §4.5: an obsolete field may have white space before its colon.
        var name = colon < 0 ? default : field[..colon].TrimEnd(" \t"u8);
        return name.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0 ? Encoding.ASCII.GetString(name) : "";
    }
}
