namespace Appliance.Mail.Smtp;

/// <summary>The limits of a session. Those on sessions (how many, from where) belong to the listener.</summary>
public sealed record SmtpOptions
{
    /// <summary>The name in the greeting and in EHLO's answer.</summary>
    public required string HostName { get; init; }

    /// <summary>LMTP (RFC 2033) in place of SMTP: a mail server of ours hands over, and hears of each recipient by itself.</summary>
    public bool IsLmtp { get; init; }

    /// <summary>Octets of a message as RFC 1870 §3 counts them; announced with SIZE.</summary>
    public long MaxMessageBytes { get; init; } = 52_428_800;

    /// <summary>Recipients a message (RFC 5321 §4.5.3.1.8 asks for 100 at least); the next gets 452.</summary>
    public int MaxRecipients { get; init; } = 1_000;

    /// <summary>Messages a session, begun ones included; the next gets 421. Announced with LIMITS (RFC 9422).</summary>
    public int MaxTransactions { get; init; } = 1_000;

    /// <summary>
    /// Octets of a command line, CRLF included. RFC 5321 §4.5.3.1.4 wants 512 and the extensions add to it; a
    /// longer line ends the session. Lines of a message have no limit of their own (§4.5.3.1.6 asks for 1,000,
    /// §4.5.3.1 for none where possible): the message's size holds them.
    /// </summary>
    public int MaxCommandBytes { get; init; } = 2_048;

    /// <summary>Commands a session.</summary>
    public int MaxCommands { get; init; } = 20_000;

    /// <summary>Permanent refusals since the last message that was taken.</summary>
    public int MaxErrors { get; init; } = 30;

    /// <summary>
    /// How long the greeting waits for a peer that talks before it, which RFC 5321 §3.1 forbids and mail servers do not do. Zero: not at all. LMTP and who is trusted are greeted at once.
    /// </summary>
    public TimeSpan GreetingDelay { get; init; }

    /// <summary>For each command to arrive whole, and between two reads of a message (RFC 5321 §4.5.3.2.7).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the whole session, so that a slow drip ends too.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What is still read and thrown away of a message that is refused already, before the session is closed instead.</summary>
    internal long MaxReadBytes => MaxMessageBytes + Math.Max(MaxMessageBytes, 1 << 20);
}
