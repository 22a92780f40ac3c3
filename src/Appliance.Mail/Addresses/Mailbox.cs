using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Appliance.Mail.Addresses;

/// <summary>
/// An address, <c>local-part@domain</c> (RFC 5321 §4.1.2, with UTF-8 as RFC 6531 §3.3 allows it). The local part
/// is kept as written, without its quotes; <see cref="Key"/> is what two spellings of one address share. Refused:
/// control characters, comments, bare spaces, dots at the ends or in a row outside quotes.
/// </summary>
public sealed record Mailbox
{
    /// <summary>RFC 5321 §4.5.3.1.1, octets of UTF-8 as written on the wire, quotes included.</summary>
    public const int MaxLocalOctets = 64;

    private static readonly SearchValues<char> AtextAscii =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~");

    private Mailbox(string localPart, MailDomain domain)
    {
        LocalPart = localPart;
        Domain = domain;
    }

    /// <summary>What the sender wrote, without quotes and backslashes.</summary>
    public string LocalPart { get; }

    public MailDomain Domain { get; }

    /// <summary>
    /// The address to look up: local part in NFC and lower case (RFC 6530 §8 asks for normalisation; case is
    /// ours to ignore, since RFC 5321 §2.4 leaves it to the host that delivers), then the domain's A-labels.
    /// </summary>
    public string Key =>
        $"{LocalPart.Normalize(NormalizationForm.FormC).ToLowerInvariant().Normalize(NormalizationForm.FormC)}@{Domain.Ascii}";

    /// <summary>The form for the wire; quoted only where it must be (RFC 5321 §4.1.2).</summary>
    public override string ToString()
    {
        if (IsDotString(LocalPart))
            return $"{LocalPart}@{Domain.Ascii}";
        var text = new StringBuilder("\"");
        foreach (var c in LocalPart)
        {
            if (c is '"' or '\\')
                text.Append('\\');
            text.Append(c);
        }
        return text.Append("\"@").Append(Domain.Ascii).ToString();
    }

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Mailbox? mailbox) =>
        TryParse(text, MaxLocalOctets, out mailbox, out _);

    /// <summary><paramref name="maxLocalOctets"/> is 64 by the standard; <see cref="SmtpPath"/> says who needs more.</summary>
    public static bool TryParse(
        ReadOnlySpan<char> text, int maxLocalOctets, [NotNullWhen(true)] out Mailbox? mailbox, out AddressFault fault)
    {
        mailbox = null;
        fault = AddressFault.Syntax;
        var at = text.StartsWith('"') ? EndOfQuotedString(text) : text.IndexOf('@');
        if (at <= 0 || at >= text.Length || text[at] != '@' || !IsWellFormed(text))
            return false;
        var written = text[..at];
        if (!MailDomain.TryParse(text[(at + 1)..], out var domain, out fault))
            return false;
        fault = AddressFault.Syntax;
        string localPart;
        if (written[0] == '"')
            localPart = Unquote(written[1..^1]);
        else if (IsDotString(written))
            localPart = written.ToString();
        else
            return false;
        if (Encoding.UTF8.GetByteCount(written) > maxLocalOctets)
        {
            fault = AddressFault.LocalPartTooLong;
            return false;
        }
        mailbox = new Mailbox(localPart, domain);
        fault = AddressFault.None;
        return true;
    }

    // Surrogates in pairs only: what came as UTF-8 has no others, and the rest of the platform throws on them.
    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var read) != OperationStatus.Done)
                return false;
            text = text[read..];
        }
        return true;
    }

    // Dot-string = Atom *("." Atom)
    private static bool IsDotString(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] == '.' || text[^1] == '.')
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '.' ? text[i - 1] == '.' : !(AtextAscii.Contains(text[i]) || IsUtf8NonAscii(text[i])))
                return false;
        }
        return true;
    }

    // Quoted-string = DQUOTE *QcontentSMTP DQUOTE; the index after it, or -1.
    private static int EndOfQuotedString(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
                return i + 1;
            // quoted-pairSMTP = %d92 %d32-126
            if (text[i] == '\\' && (++i == text.Length || text[i] is < ' ' or > '~'))
                return -1;
            if (text[i] is < ' ' or '\x7f' || (text[i] > '\x7f' && !IsUtf8NonAscii(text[i])))
                return -1;
        }
        return -1;
    }

    private static string Unquote(ReadOnlySpan<char> quoted)
    {
        if (!quoted.Contains('\\'))
            return quoted.ToString();
        var text = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
            text.Append(quoted[i] == '\\' ? quoted[++i] : quoted[i]);
        return text.ToString();
    }

    // RFC 6531 takes all of UTF-8 here. Separators and controls beyond ASCII break the lines and columns of
    // whoever shows the address, and U+FFFE and U+FFFF are no characters: none of them is let in.
    private static bool IsUtf8NonAscii(char c) => c > '\x7f' && c < '\uFFFE' && char.GetUnicodeCategory(c)
        is not (UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
