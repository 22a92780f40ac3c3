using System.Globalization;
using System.Text;
using Appliance.Crypto.Formats;
using MimeKit;
using MimeKit.Utils;

namespace Appliance.Mail.Arrivals;

/// <summary>What header fields say, decoded to Unicode (RFC 2047, RFC 2231, RFC 6532) by MimeKit, without control characters.</summary>
internal static class FieldValues
{
    // Raw octets beyond ASCII are UTF-8 (RFC 6532) and, when they are not, the common Western set.
    private static readonly ParserOptions Lenient;

    static FieldValues()
    {
        Charsets.Register();
        Lenient = new ParserOptions { CharsetEncoding = Encoding.UTF8 };
    }

    public static string? Text(FieldBytes? field) =>
        field is { } value ? Cleaned(Rfc2047.DecodeText(Lenient, value.Buffer, value.Start, value.Length)) : null;

    /// <summary>A field that is never encoded, such as Date: its characters as they are.</summary>
    public static string? Raw(FieldBytes? field) => field is { } value ? Cleaned(Encoding.UTF8.GetString(value.Span)) : null;

    /// <summary>The first word of a field such as <c>Auto-Submitted</c>, lower case, without comments and parameters.</summary>
    public static string? Token(FieldBytes? field)
    {
        if (Raw(field) is not { } text)
            return null;
        var end = text.AsSpan().IndexOfAny(" \t;(");
        return (end < 0 ? text : text[..end]).ToLowerInvariant();
    }

    public static DateTimeOffset? Instant(FieldBytes? field) =>
        field is { } value && DateUtils.TryParse(value.Buffer, value.Start, value.Length, out var date) ? date.ToUniversalTime() : null;

    /// <summary>Without angle brackets.</summary>
    public static string? Id(FieldBytes? field) =>
        field is { } value
            ? Cleaned(MimeUtils.ParseMessageId(value.Buffer, value.Start, value.Length) ?? Raw(field)!.Trim('<', '>'))
            : null;

    public static IReadOnlyList<string> Ids(FieldBytes? field) =>
        field is { } value ? [.. MimeUtils.EnumerateReferences(value.Buffer, value.Start, value.Length).Select(Cleaned)] : [];

    /// <summary>RFC 2919 §2: what is in angle brackets identifies the list.</summary>
    public static string? ListId(FieldBytes? field)
    {
        if (Text(field) is not { } text)
            return null;
        var open = text.LastIndexOf('<');
        var close = text.LastIndexOf('>');
        return open >= 0 && close > open ? text[(open + 1)..close].Trim() : text;
    }

    public static IReadOnlyList<string> List(FieldBytes? field) =>
        Raw(field)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    public static IReadOnlyList<MailAddress> Addresses(FieldBytes? field)
    {
        if (field is not { } value)
            return [];
        // A field we cut short ends amid an address, which would be another one.
        var length = value.IsCut ? Math.Max(value.Span.LastIndexOf((byte)','), 0) : value.Length;
        if (InternetAddressList.TryParse(Lenient, value.Buffer, value.Start, length, out var addresses))
        {
            var found = new List<MailAddress>();
            Flatten(addresses, found);
            return found;
        }
        // Not an address list: shown as it is written, and nothing to reply to.
        return Text(value with { Length = length }) is { Length: > 0 } text ? [new MailAddress(text, "")] : [];
    }

    public static ContentType? Type(FieldBytes? field) =>
        field is { } value && ContentType.TryParse(Lenient, value.Buffer, value.Start, value.Length, out var type) ? type : null;

    public static ContentDisposition? Disposition(FieldBytes? field) =>
        field is { } value && ContentDisposition.TryParse(Lenient, value.Buffer, value.Start, value.Length, out var disposition)
            ? disposition
            : null;

    /// <summary>Encoded words can hide line ends and other controls; nothing that repeats a value should meet them.</summary>
    public static string Cleaned(string text)
    {
        text = text.Trim();
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f'))
            return text;
        return string.Create(text.Length, text, static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(from[i]) ? ' ' : from[i];
        });
    }

    /// <summary>What nobody sees would make a domain look like another.</summary>
    private static string WithVisibleDomain(string address)
    {
        var domain = address.LastIndexOf('@') + 1;
        return address.AsSpan(domain).IndexOfAnyExceptInRange('\x21', '\x7e') < 0 ? address
            : address[..domain] + string.Concat(address[domain..].EnumerateRunes().Select(rune => IsInvisible(rune) ? Rune.ReplacementChar : rune));
    }

    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator || rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0;

    private static void Flatten(InternetAddressList addresses, List<MailAddress> into)
    {
        foreach (var address in addresses)
        {
            var name = string.IsNullOrWhiteSpace(address.Name) ? null : Cleaned(address.Name);
            if (address is MailboxAddress mailbox)
                into.Add(new MailAddress(name, WithVisibleDomain(Cleaned(mailbox.Address))));
            else if (address is GroupAddress group)
            {
                into.Add(new MailAddress(name ?? "", ""));
                Flatten(group.Members, into);
            }
        }
    }
}
