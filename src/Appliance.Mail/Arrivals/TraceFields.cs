using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Appliance.Mail.Arrivals;

/// <summary>What we know of how a message came, for the fields we put before it.</summary>
/// <param name="ReversePath">Empty for a bounce; null when this is not where the message stays, and Return-Path is left out.</param>
/// <param name="HeloName">As the client gave it, unchecked.</param>
/// <param name="ClientAddress">Null when it did not come over a network.</param>
/// <param name="ClientName">The client's name in DNS, when it was verified.</param>
/// <param name="ReceivedBy">Our host name.</param>
/// <param name="Protocol">A transmission type: ESMTPS, UTF8SMTP… (RFC 3848, RFC 6531 §4.3).</param>
/// <param name="Tls">Version and suite, such as <c>TLSv1.3 TLS_AES_256_GCM_SHA384</c>.</param>
/// <param name="Id">What our logs call the message.</param>
/// <param name="Recipients">A <c>for</c> clause is written only when there is exactly one (nobody's Bcc reaches another).</param>
/// <param name="AuthenticationResults">The value of that field (RFC 8601), already folded or on one line.</param>
public sealed record TraceInput(
    string? ReversePath,
    string HeloName,
    IPAddress? ClientAddress,
    string ReceivedBy,
    string Protocol,
    string Id,
    IReadOnlyList<string> Recipients,
    DateTimeOffset ReceivedAt,
    string? ClientName = null,
    string? Tls = null,
    string? AuthenticationResults = null);

/// <summary>
/// What stands before a message, segment 0 of one that is kept: Return-Path, Received (RFC 5321 §4.4) and Authentication-Results. What a client said cannot end a
/// line, a comment or a clause; a word that is too long for a line is cut.
/// </summary>
public static class TraceFields
{
    // RFC 5322 §2.1.1; the limit is 998.
    private const int PreferredLineOctets = 78;
    private const int MaxWordOctets = 900;
    private const int UsualLength = 1_024;

    /// <summary>Lines that end with CRLF; ASCII unless an address or a name is not (RFC 6532).</summary>
    public static byte[] Format(TraceInput input)
    {
        using var fields = new ScratchBytes(UsualLength);
        if (input.ReversePath is { } reversePath)
            Write(fields, "Return-Path:", [Path(reversePath)]);

        var words = new List<string> { "from " + Word(input.HeloName) };
        if (input.ClientAddress is { } address)
            words.AddRange(Comment(input.ClientName is { } name ? [Word(name), Literal(address)] : [Literal(address)]));
        words.Add("by " + Word(input.ReceivedBy));
        words.Add("with " + Word(input.Protocol));
        if (input.Tls is { } tls)
            words.AddRange(Comment([.. tls.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Word)]));
        words.Add("id " + Word(input.Id));
        if (input.Recipients is [var only])
            words.Add("for " + Path(only));
        words[^1] += ";";
        words.Add(input.ReceivedAt.ToString("ddd, d MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + Offset(input.ReceivedAt.Offset));
        Write(fields, "Received:", words);

        if (input.AuthenticationResults is { } results)
        {
            var unfolded = results.Split((char[])[' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
            Write(fields, "Authentication-Results:", unfolded.Select(Visible));
        }
        return fields.Span.ToArray();
    }

    private static void Write(ScratchBytes fields, string name, IEnumerable<string> words)
    {
        Encoding.UTF8.GetBytes(name, fields);
        var octets = name.Length;
        foreach (var word in words)
        {
            var length = Encoding.UTF8.GetByteCount(word);
            if (octets + 1 + length > PreferredLineOctets && octets > name.Length)
            {
                fields.Append("\r\n\t"u8);
                octets = 1;
            }
            else
            {
                fields.Append(" "u8);
                octets++;
            }
            Encoding.UTF8.GetBytes(word, fields);
            octets += length;
        }
        fields.Append("\r\n"u8);
    }

    /// <summary>Words that may stand on several lines.</summary>
    private static string[] Comment(string[] words)
    {
        if (words.Length == 0)
            return [];
        words[0] = "(" + words[0];
        words[^1] += ")";
        return words;
    }

    /// <summary>A name or an address literal: nothing that could end the clause or open a comment.</summary>
    private static string Word(string text) => Cut(Only(text, static character =>
        char.IsLetterOrDigit(character) || character is '.' or '-' or '_' or ':' or '[' or ']' or '+' or '*' || IsUnicodeMark(character)));

    /// <summary>A path; spaces may stand in a quoted local part.</summary>
    private static string Path(string address) =>
        $"<{Cut(Only(address, static character => !char.IsControl(character) && (!char.IsSeparator(character) || character == ' ')))}>";

    private static string Visible(string word) => Cut(Only(word, static character => !char.IsControl(character)));

    /// <summary>With <c>?</c> for every other character.</summary>
    private static string Only(string text, Func<char, bool> may)
    {
        foreach (var character in text)
            if (!may(character))
                return string.Concat(text.Select(each => may(each) ? each : '?'));
        return text;
    }

    private static bool IsUnicodeMark(char character) =>
        character > '\x7f' && char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.Surrogate;

    private static string Cut(string word)
    {
        if (word.Length <= MaxWordOctets / 3)
            return word;
        while (Encoding.UTF8.GetByteCount(word) > MaxWordOctets)
            word = word[..(word.Length - Math.Max(1, (Encoding.UTF8.GetByteCount(word) - MaxWordOctets) / 4))];
        return word;
    }

    // RFC 5321 §4.1.3
    private static string Literal(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address.ToString().Split('%')[0]}]" : $"[{address}]";
    }

    private static string Offset(TimeSpan offset) =>
        (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hhmm", CultureInfo.InvariantCulture);
}
