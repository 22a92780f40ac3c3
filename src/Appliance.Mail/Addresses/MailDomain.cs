using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Appliance.Mail.Addresses;

/// <summary>
/// The part of an address after the <c>@</c>: a domain name, held as lower-case A-labels (RFC 5890 §2.3.2.1), or
/// an address literal (RFC 5321 §4.1.3). Two domains that mean the same compare equal. Refused: empty labels, a
/// trailing dot, labels over 63 octets, names over 255, literals that are neither IPv4 nor IPv6.
/// </summary>
public sealed record MailDomain
{
    public const int MaxOctets = 255;
    private const int MaxLabelOctets = 63;
    private const string IPv6Tag = "IPv6:";

    private static readonly IdnMapping Idn = new();

    // RFC 5321 wants letters, digits and hyphens. The underscore is no part of a host name, but enough senders
    // have one in theirs that refusing it loses wanted mail.
    private static readonly SearchValues<char> LabelLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    private MailDomain(string ascii, IPAddress? literal)
    {
        Ascii = ascii;
        Literal = literal;
    }

    /// <summary>Lower-case A-labels (<c>xn--bcher-kva.example</c>), or a literal with its brackets (<c>[192.0.2.1]</c>).</summary>
    public string Ascii { get; }

    /// <summary>The address of a literal; null for a name.</summary>
    public IPAddress? Literal { get; }

    /// <summary>U-labels, for people to read; the A-labels where they decode to nothing valid.</summary>
    public string ToUnicode()
    {
        if (!Ascii.Contains("xn--", StringComparison.Ordinal))
            return Ascii;
        try
        {
            return Idn.GetUnicode(Ascii);
        }
        catch (ArgumentException)
        {
            return Ascii;
        }
    }

    public override string ToString() => Ascii;

    public bool Equals(MailDomain? other) => other is not null && Ascii == other.Ascii;

    public override int GetHashCode() => Ascii.GetHashCode(StringComparison.Ordinal);

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out MailDomain? domain) =>
        TryParse(text, out domain, out _);

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out MailDomain? domain, out AddressFault fault)
    {
        domain = null;
        fault = AddressFault.Syntax;
        if (text.IsEmpty)
            return false;
        if (text[0] == '[')
            return TryParseLiteral(text, out domain, out fault);

        string ascii;
        if (System.Text.Ascii.IsValid(text))
            ascii = text.ToString().ToLowerInvariant();
        else if (!TryToAscii(text, out ascii))
            return false;

        fault = CheckName(ascii);
        if (fault != AddressFault.None)
            return false;
        domain = new MailDomain(ascii, null);
        return true;
    }

    // IDNA knows several full stops (RFC 3490 §3.1); they become the one of the DNS here.
    private static bool TryToAscii(ReadOnlySpan<char> text, out string ascii)
    {
        ascii = "";
        try
        {
            ascii = Idn.GetAscii(text.ToString()).ToLowerInvariant();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static AddressFault CheckName(ReadOnlySpan<char> ascii)
    {
        if (ascii.Length > MaxOctets)
            return AddressFault.DomainTooLong;
        foreach (var range in ascii.Split('.'))
        {
            var label = ascii[range];
            if (label.Length > MaxLabelOctets)
                return AddressFault.DomainTooLong;
            if (label.IsEmpty || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(LabelLetters))
                return AddressFault.Syntax;
        }
        return AddressFault.None;
    }

    private static bool TryParseLiteral(ReadOnlySpan<char> text, out MailDomain? domain, out AddressFault fault)
    {
        domain = null;
        fault = AddressFault.Syntax;
        if (text.Length < 3 || text[^1] != ']')
            return false;
        var inner = text[1..^1];
        var v6 = inner.StartsWith(IPv6Tag, StringComparison.OrdinalIgnoreCase);
        if (v6)
            inner = inner[IPv6Tag.Length..];
        // The platform's parser also reads scopes, brackets, octal and short forms, none of which is ours.
        if (inner.ContainsAnyExcept(v6 ? "0123456789abcdefABCDEF:." : "0123456789.") || !IPAddress.TryParse(inner, out var address)
            || address.AddressFamily != (v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork))
            return false;
        if (!v6 && !inner.SequenceEqual(address.ToString()))
            return false;
        domain = new MailDomain(v6 ? $"[{IPv6Tag}{address}]" : $"[{address}]", address);
        fault = AddressFault.None;
        return true;
    }
}
