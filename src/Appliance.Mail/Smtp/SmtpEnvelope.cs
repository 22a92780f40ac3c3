using Appliance.Mail.Addresses;

namespace Appliance.Mail.Smtp;

/// <summary>What MAIL said.</summary>
/// <param name="Path">The reverse path; <see cref="SmtpPath.Null"/> for a bounce.</param>
/// <param name="DeclaredBytes">SIZE (RFC 1870), at most <see cref="SmtpOptions.MaxMessageBytes"/>; a promise, not a fact.</param>
/// <param name="Is8Bit">BODY=8BITMIME (RFC 6152).</param>
/// <param name="IsUtf8">SMTPUTF8 (RFC 6531).</param>
public sealed record SmtpSender(SmtpPath Path, long? DeclaredBytes = null, bool Is8Bit = false, bool IsUtf8 = false);

/// <summary>A recipient that was accepted, with what the mail drop attached to it.</summary>
public sealed record SmtpRecipient(SmtpPath Path, object? State);

/// <summary>All that was said before the message.</summary>
public sealed record SmtpEnvelope(SmtpPeer Peer, SmtpSender Sender, IReadOnlyList<SmtpRecipient> Recipients)
{
    /// <summary>For the <c>with</c> clause of Received (RFC 3848, RFC 6531 §4.3).</summary>
    public string Protocol => Peer.IsLmtp ? (Sender.IsUtf8 ? "UTF8" : "") + (Peer.Tls is null ? "LMTP" : "LMTPS") : (Sender.IsUtf8, Peer.IsExtended, Peer.Tls is not null) switch
    {
        (true, _, true) => "UTF8SMTPS",
        (true, _, false) => "UTF8SMTP",
        (_, true, true) => "ESMTPS",
        (_, true, false) => "ESMTP",
        _ => "SMTP",
    };
}
