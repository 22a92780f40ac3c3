namespace Appliance.Mail.Smtp.Verbs;

/// <summary>
/// STARTTLS (RFC 3207). A peer that says anything before the handshake has had words put in its mouth
/// (CVE-2011-0411): the session ends. What it said in clear before is forgotten too (§4.2), but not whom a
/// proxy has named: that one would be taken for the proxy.
/// </summary>
internal static class StartTls
{
    public static async ValueTask<SmtpReply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        if (!argument.IsEmpty)
            return SmtpReplies.NoArgumentsTaken;
        if (session.Peer.Tls is not null)
            return SmtpReplies.TlsActive;
        if (session.Server.Tls is not { } tls)
            return SmtpReplies.TlsUnavailable;

        session.Wire.Write(SmtpReplies.ReadyForTls);
        if (!await session.Wire.FlushAsync())
            return session.EndWithWire();
        if (!session.Wire.Buffered.IsEmpty)
        {
            session.End(SmtpEndReason.Violation, "Clear text behind STARTTLS");
            return null;
        }
        if (!await session.Wire.UpgradeAsync(tls))
            return session.EndWithWire();
        session.Reset();
        session.State = SmtpState.Connected;
        session.Peer = session.Peer with { Helo = null, IsExtended = false, IsLmtp = false, Tls = session.Wire.Tls };
        return null;
    }
}
