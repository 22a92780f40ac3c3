using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Appliance.Mail.Headers;

/// <summary>Who handed a message over, as a Received field says (RFC 5321 §4.4), in the ways that servers write it.</summary>
/// <param name="IsFromClient">It has a <c>from</c>; else the message began its way there.</param>
/// <param name="Client">Null when the field does not say.</param>
/// <param name="Helo">What the client called itself; empty when the field does not say.</param>
public sealed partial record ReceivedField(bool IsFromClient, IPAddress? Client, string Helo)
{
    private const int MostBytes = 4096;

    public static ReceivedField Parse(ReadOnlySpan<byte> value)
    {
        var text = Encoding.Latin1.GetString(value[..Math.Min(value.Length, MostBytes)]);
        var from = From().Match(text);
        if (!from.Success)
            return new ReceivedField(IsFromClient: false, null, "");
        var (name, comments) = (from.Groups["name"].Value, from.Groups["comment"].Captures.Select(comment => comment.Value).ToList());
        // Postfix and Sendmail: helo (name [address]). Exim: helo ([address]), name ([address] helo=helo), [address] (helo=helo). Exchange: helo (address). qmail: name (HELO helo) (address).
        var helo = comments.Select(comment => HeloIn().Match(comment)).FirstOrDefault(found => found.Success)?.Groups["helo"].Value ?? name;
        var address = comments.Select(comment => Bracketed().Match(comment)).FirstOrDefault(found => found.Success)?.Groups["address"].Value
            ?? comments.FirstOrDefault(comment => IPAddress.TryParse(comment.Trim(), out _))?.Trim()
            ?? (Bracketed().Match(name) is { Success: true } literal ? literal.Groups["address"].Value : null);
        return new ReceivedField(IsFromClient: true, AddressOf(address), helo);
    }

    private static IPAddress? AddressOf(string? written)
    {
        if (written is null)
            return null;
        if (written.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
            written = written[5..];
        return IPAddress.TryParse(written, out var address) ? address : null;
    }

    /// <summary><c>from</c>, a word, and the comments behind it. What may follow each piece cannot be in it, so no text takes long.</summary>
    [GeneratedRegex(@"\A\s*from\s+(?<name>[^\s()]+)(\s*\((?<comment>[^()]*(\([^()]*\)[^()]*)*)\))*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex From();

    [GeneratedRegex(@"\[(?<address>[^\[\]\s]+)\]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Bracketed();

    [GeneratedRegex(@"\bhelo[= ](?<helo>[^\s()]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex HeloIn();
}
