using System.Globalization;
using System.Net;
using System.Text;

namespace Appliance.Mail.Smtp.Verbs;

/// <summary>
/// XCLIENT (https://www.postfix.org/XCLIENT_README.html): a proxy that may do so says whose session this is; everything said before is forgotten, and the client is
/// greeted anew. It may do so again until the first message: a proxy that passes on what the client sends may pass on that too. What we find out for ourselves (the client's name) and what mail in does not need (LOGIN, PROTO, the destination) is read and not believed.
/// </summary>
internal static class XClient
{
    /// <summary>Announced by EHLO to who may use it.</summary>
    public const string Announcement = "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT";

    private const int MostHeloOctets = 255;

    public static SmtpReply Run(SmtpSession session, ReadOnlySpan<byte> argument)
    {
        if (!session.Peer.MayForward)
            return SmtpReplies.UnknownCommand;
        var (remote, helo) = (session.Peer.Remote, session.Peer.ForwardedHelo);
        var count = 0;
        foreach (var range in argument.Split((byte)' '))
        {
            var attribute = argument[range];
            if (attribute.IsEmpty)
                continue;
            count++;
            var equals = attribute.IndexOf((byte)'=');
            if (equals <= 0 || DecodeXtext(attribute[(equals + 1)..]) is not { Length: > 0 } value)
                return SmtpReplies.BadParameter;
            var isKnown = !value.Equals("[UNAVAILABLE]", StringComparison.OrdinalIgnoreCase) && !value.Equals("[TEMPUNAVAIL]", StringComparison.OrdinalIgnoreCase);
            switch (Encoding.ASCII.GetString(attribute[..equals]).ToUpperInvariant())
            {
                case "ADDR" when !isKnown:
                    break;
                case "ADDR":
                    if (!IPAddress.TryParse(value.StartsWith("IPV6:", StringComparison.OrdinalIgnoreCase) ? value[5..] : value, out var address))
                        return SmtpReplies.BadParameter;
                    remote = new IPEndPoint(address, remote.Port);
                    break;
                case "PORT" when isKnown:
                    if (!ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                        return SmtpReplies.BadParameter;
                    remote = new IPEndPoint(remote.Address, port);
                    break;
                case "HELO" when isKnown:
                    if (value.Length > MostHeloOctets || value.AsSpan().ContainsAnyExceptInRange('!', '~'))
                        return SmtpReplies.BadParameter;
                    helo = value;
                    break;
                case "HELO" or "PORT" or "NAME" or "PROTO" or "LOGIN" or "DESTADDR" or "DESTPORT":
                    break;
                default:
                    return SmtpReplies.BadParameter;
            }
        }
        if (count == 0)
            return SmtpReplies.BadParameter;
        session.Reset();
        session.State = SmtpState.Connected;
        session.Peer = session.Peer with { Remote = remote, Helo = null, ForwardedHelo = helo, IsExtended = false };
        return session.Greeting;
    }

    /// <summary>RFC 3461 §4; null when it is malformed.</summary>
    private static string? DecodeXtext(ReadOnlySpan<byte> text)
    {
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '+')
                decoded.Append((char)text[i]);
            else if (i + 2 < text.Length && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                decoded.Append((char)octet);
                i += 2;
            }
            else
                return null;
        }
        return decoded.ToString();
    }
}
