using System.Net;
using System.Net.Security;
using System.Security.Authentication;

namespace Appliance.Mail.Smtp;

/// <summary>Who is at the other end, as far as the session knows by now.</summary>
public sealed record SmtpPeer(IPEndPoint Remote)
{
    /// <summary>What it called itself; null before HELO or EHLO. Printable ASCII, otherwise unchecked (RFC 5321 §4.1.4).</summary>
    public string? Helo { get; init; }

    /// <summary>It said EHLO.</summary>
    public bool IsExtended { get; init; }

    /// <summary>It said LHLO: a mail server that hands over to us.</summary>
    public bool IsLmtp { get; init; }

    /// <summary>The listener knows it, and it is greeted at once.</summary>
    public bool IsTrusted { get; init; }

    /// <summary>It may say whose session this is (XCLIENT).</summary>
    public bool MayForward { get; init; }

    /// <summary>What it says the client called itself; counts for more than what it calls itself.</summary>
    public string? ForwardedHelo { get; init; }

    /// <summary>Null in clear. A listener with TLS from the first byte (RFC 8314) sets it.</summary>
    public SmtpTls? Tls { get; init; }
}

public sealed record SmtpTls(SslProtocols Protocol, TlsCipherSuite CipherSuite);
