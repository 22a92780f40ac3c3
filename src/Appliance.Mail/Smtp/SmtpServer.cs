using System.IO.Pipelines;
using System.Net.Security;

namespace Appliance.Mail.Smtp;

/// <summary>
/// The receiving end of SMTP (RFC 5321) over any duplex pipe, with PIPELINING (2920), SIZE (1870), 8BITMIME (6152),
/// SMTPUTF8 (6531), ENHANCEDSTATUSCODES (2034), CHUNKING (3030), LIMITS (9422) and STARTTLS (3207). Which command may come when is
/// the table in <see cref="SmtpOrder"/>, each verb has its file in <c>Verbs</c>, and who may send what to whom is the
/// mail drop's to say. It refuses commands and messages with a CR or LF outside of a CRLF, whatever is over a limit of
/// <see cref="SmtpOptions"/>, and anything that was sent in clear behind STARTTLS.
/// </summary>
/// <param name="options">Limits and our name.</param>
/// <param name="budget">Shared by every session of the process.</param>
/// <param name="time">For the deadlines.</param>
/// <param name="tls">
/// Asked in each handshake, so that a certificate may change, with the name the client asked for (SNI) or an empty one; null when there is no TLS.
/// </param>
public sealed class SmtpServer(SmtpOptions options, MessageBudget budget, TimeProvider time, Func<string, SslServerAuthenticationOptions>? tls = null)
{
    internal SmtpOptions Options => options;

    internal MessageBudget Budget => budget;

    internal TimeProvider Time => time;

    internal Func<string, SslServerAuthenticationOptions>? Tls => tls;

    /// <summary>Holds one conversation. Throws nothing that a peer or a mail drop can cause.</summary>
    /// <param name="transport">
    /// Whatever is read from it is overwritten with zeros before it goes back to the transport's pool, so its memory
    /// must be the transport's own, as that of <see cref="Pipe"/> is. Closing it is up to the caller.
    /// </param>
    /// <param name="peer">With <see cref="SmtpPeer.Tls"/> set when the transport is encrypted already.</param>
    /// <param name="drop">What this session delivers into.</param>
    /// <param name="drain">Asks to say 421 as soon as no transaction is open; one that is may come to its end.</param>
    /// <param name="abort">
    /// Ends the session at once, without a word, and stops the drop. Not for Kestrel's <c>ConnectionClosed</c>: that is
    /// raised when the peer has merely finished sending, with commands still to be read and answered. A transport that
    /// breaks ends the session by itself.
    /// </param>
    public async Task<SmtpEnd> RunAsync(
        IDuplexPipe transport, SmtpPeer peer, ISmtpMailDrop drop, CancellationToken drain = default, CancellationToken abort = default)
    {
        await using var wire = new SmtpWire(transport, options, time, drain, abort);
        using var session = new SmtpSession(this, wire, peer, drop, abort);
        return await session.RunAsync();
    }
}
