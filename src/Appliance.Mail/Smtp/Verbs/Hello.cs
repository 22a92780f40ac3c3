using System.Text;

namespace Appliance.Mail.Smtp.Verbs;

/// <summary>EHLO and HELO (RFC 5321 §4.1.1.1), and LHLO (RFC 2033 §4.1): a name for the peer, and what we can do. Either one ends a transaction.</summary>
internal static class Hello
{
    private const int MaxNameOctets = 255;

    public static SmtpReply Run(SmtpSession session, SmtpVerb verb, ReadOnlySpan<byte> argument)
    {
        // The name proves nothing and hosts may not be refused over it (§4.1.4), so any printable word will do.
        if (argument.IsEmpty || argument.Length > MaxNameOctets || argument.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return SmtpReplies.HelloNeedsName;
        var isExtended = verb != SmtpVerb.Helo;
        session.Reset();
        session.State = SmtpState.Greeted;
        session.Peer = session.Peer with { Helo = session.Peer.ForwardedHelo ?? Encoding.ASCII.GetString(argument), IsExtended = isExtended, IsLmtp = verb == SmtpVerb.Lhlo };
        var options = session.Options;
        if (!isExtended)
            return new SmtpReply(250, "", options.HostName);
        var startTls = session.CanStartTls ? "\nSTARTTLS" : "";
        var xclient = session.Peer.MayForward ? "\n" + XClient.Announcement : "";
        return new SmtpReply(250, "",
            $"{options.HostName}\nPIPELINING\nSIZE {options.MaxMessageBytes}{startTls}\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nCHUNKING\nLIMITS RCPTMAX={options.MaxRecipients} MAILMAX={options.MaxTransactions}{xclient}");
    }
}
