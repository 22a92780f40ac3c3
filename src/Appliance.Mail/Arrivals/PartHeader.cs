using Appliance.Crypto.Formats;
using MimeKit;

namespace Appliance.Mail.Arrivals;

/// <summary>The Content fields of a part (RFC 2045, 2183, 3282, 2557, 1864) as a node without body and children.</summary>
internal static class PartHeader
{
    private static readonly IReadOnlyDictionary<string, string> NoParameters = new Dictionary<string, string>();

    public static MimeNode Read(HeaderFields fields, string defaultType, long headerOffset, long offset)
    {
        var type = FieldValues.Type(fields[HeaderField.ContentType]);
        var disposition = FieldValues.Disposition(fields[HeaderField.ContentDisposition]);
        return new MimeNode
        {
            // RFC 2045 §5.2: what cannot be read counts as not there.
            Type = type is null ? defaultType : FieldValues.Cleaned(type.MimeType).ToLowerInvariant(),
            Parameters = type is null ? NoParameters : Parameters(type.Parameters),
            HeaderOffset = headerOffset,
            Offset = offset,
            Length = 0,
            Encoding = FieldValues.Token(fields[HeaderField.ContentTransferEncoding]) is { Length: > 0 } encoding ? encoding : "7bit",
            Disposition = disposition is null ? null : FieldValues.Cleaned(disposition.Disposition).ToLowerInvariant(),
            FileName = (disposition?.FileName ?? type?.Name) is { Length: > 0 } name ? FieldValues.Cleaned(name) : null,
            ContentId = FieldValues.Id(fields[HeaderField.ContentId]),
            Description = FieldValues.Text(fields[HeaderField.ContentDescription]),
            Language = FieldValues.List(fields[HeaderField.ContentLanguage]),
            Location = Unspaced(FieldValues.Raw(fields[HeaderField.ContentLocation])),
            Md5 = FieldValues.Raw(fields[HeaderField.ContentMd5]),
        };
    }

    private static Dictionary<string, string> Parameters(ParameterList from)
    {
        var parameters = new Dictionary<string, string>();
        foreach (var parameter in from)
            parameters.TryAdd(FieldValues.Cleaned(parameter.Name).ToLowerInvariant(), FieldValues.Cleaned(parameter.Value));
        return parameters;
    }

    // RFC 2557 §4.4.2: a folded URI is joined without its white space.
    private static string? Unspaced(string? uri) => uri is null ? null : string.Concat(uri.Where(character => character is not (' ' or '\t')));
}

/// <summary>The fields of a message's own header (RFC 5322, RFC 2369, RFC 2919, RFC 3834).</summary>
internal static class MessageHeader
{
    /// <summary>A summary that still lacks the size, the tree and the snippet.</summary>
    public static Summary Read(HeaderFields fields, long headerLength, MimeNode mime) => new()
    {
        From = FieldValues.Addresses(fields[HeaderField.From]),
        Sender = FieldValues.Addresses(fields[HeaderField.Sender]),
        ReplyTo = FieldValues.Addresses(fields[HeaderField.ReplyTo]),
        To = FieldValues.Addresses(fields[HeaderField.To]),
        Cc = FieldValues.Addresses(fields[HeaderField.Cc]),
        Subject = FieldValues.Text(fields[HeaderField.Subject]),
        Date = FieldValues.Raw(fields[HeaderField.Date]),
        DateUtc = FieldValues.Instant(fields[HeaderField.Date]),
        MessageId = FieldValues.Id(fields[HeaderField.MessageId]),
        InReplyTo = FieldValues.Ids(fields[HeaderField.InReplyTo]),
        References = FieldValues.Ids(fields[HeaderField.References]),
        ListId = FieldValues.ListId(fields[HeaderField.ListId]),
        ListUnsubscribe = FieldValues.Raw(fields[HeaderField.ListUnsubscribe]),
        AutoSubmitted = FieldValues.Token(fields[HeaderField.AutoSubmitted]),
        Expires = FieldValues.Instant(fields[HeaderField.Expires]),
        Size = 0,
        HeaderLength = headerLength,
        Mime = mime,
        Verdict = Verdict.None,
    };

    public static EmbeddedEnvelope ReadEmbedded(HeaderFields fields) => new()
    {
        From = FieldValues.Addresses(fields[HeaderField.From]),
        Sender = FieldValues.Addresses(fields[HeaderField.Sender]),
        ReplyTo = FieldValues.Addresses(fields[HeaderField.ReplyTo]),
        To = FieldValues.Addresses(fields[HeaderField.To]),
        Cc = FieldValues.Addresses(fields[HeaderField.Cc]),
        Subject = FieldValues.Text(fields[HeaderField.Subject]),
        Date = FieldValues.Raw(fields[HeaderField.Date]),
        MessageId = FieldValues.Id(fields[HeaderField.MessageId]),
        InReplyTo = FieldValues.Ids(fields[HeaderField.InReplyTo]),
    };
}
