using System.Text;

namespace Appliance.Mail.Arrivals;

internal enum HeaderField
{
    From, Sender, ReplyTo, To, Cc, Subject, Date, MessageId, InReplyTo, References, ListId, ListUnsubscribe, AutoSubmitted, Expires,
    ContentType, ContentTransferEncoding, ContentDisposition, ContentId, ContentDescription, ContentLanguage, ContentLocation, ContentMd5,
}

/// <summary>
/// The fields of one header that a summary needs, unfolded (RFC 5322 §2.2.3) and still encoded. The first of its name counts.
/// A header ends at its empty line, as it does for whoever signed it; lines that are no fields are passed over.
/// </summary>
internal sealed class HeaderFields(int maxFieldBytes, int maxHeaderBytes) : IDisposable
{
    private static readonly (string Name, HeaderField Field)[] Wanted =
    [
        ("from", HeaderField.From), ("sender", HeaderField.Sender), ("reply-to", HeaderField.ReplyTo), ("to", HeaderField.To),
        ("cc", HeaderField.Cc), ("subject", HeaderField.Subject), ("date", HeaderField.Date), ("message-id", HeaderField.MessageId),
        ("in-reply-to", HeaderField.InReplyTo), ("references", HeaderField.References), ("list-id", HeaderField.ListId),
        ("list-unsubscribe", HeaderField.ListUnsubscribe), ("auto-submitted", HeaderField.AutoSubmitted),
        ("expires", HeaderField.Expires),
        ("content-type", HeaderField.ContentType), ("content-transfer-encoding", HeaderField.ContentTransferEncoding),
        ("content-disposition", HeaderField.ContentDisposition), ("content-id", HeaderField.ContentId),
        ("content-description", HeaderField.ContentDescription), ("content-language", HeaderField.ContentLanguage),
        ("content-location", HeaderField.ContentLocation), ("content-md5", HeaderField.ContentMd5),
    ];

    private readonly ScratchBytes _values = new(4_096);
    private readonly (int Start, int Length, bool IsCut)?[] _fields = new (int, int, bool)?[Wanted.Length];
    private int _spent;
    private HeaderField? _open;

    public void Clear()
    {
        _values.Clear();
        Array.Clear(_fields);
        _open = null;
    }

    /// <param name="line">Without its line end.</param>
    /// <param name="isCut">It went on.</param>
    public void Add(ReadOnlySpan<byte> line, bool isCut = false)
    {
        if (line.Length > 0 && line[0] is (byte)' ' or (byte)'\t')
        {
            if (_open is { } open)
                Append(open, line, isCut);
            return;
        }
        _open = null;
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || Find(line[..colon].TrimEnd(" \t"u8)) is not { } field || _fields[(int)field] is not null)
            return;
        _fields[(int)field] = (_values.Length, 0, false);
        _open = field;
        Append(field, line[(colon + 1)..], isCut);
    }

    /// <summary>The bytes of a field, or null when it is not there; <see cref="FieldBytes.IsCut"/> when it was over a limit.</summary>
    public FieldBytes? this[HeaderField field] =>
        _fields[(int)field] is { } found ? new FieldBytes(_values.Array, found.Start, found.Length, found.IsCut) : null;

    public void Dispose() => _values.Dispose();

    private void Append(HeaderField field, ReadOnlySpan<byte> piece, bool isCut)
    {
        var (start, length, wasCut) = _fields[(int)field]!.Value;
        if (wasCut)
            return;
        var room = Math.Min(maxFieldBytes - length, maxHeaderBytes - _spent);
        if (piece.Length > room)
        {
            piece = piece[..Math.Max(room, 0)];
            isCut = true;
        }
        _values.Append(piece);
        _spent += piece.Length;
        _fields[(int)field] = (start, length + piece.Length, isCut);
    }

    private static HeaderField? Find(ReadOnlySpan<byte> name)
    {
        foreach (var (wanted, field) in Wanted)
        {
            if (wanted.Length == name.Length && Ascii.EqualsIgnoreCase(name, wanted))
                return field;
        }
        return null;
    }
}

internal readonly record struct FieldBytes(byte[] Buffer, int Start, int Length, bool IsCut)
{
    public ReadOnlySpan<byte> Span => Buffer.AsSpan(Start, Length);
}
