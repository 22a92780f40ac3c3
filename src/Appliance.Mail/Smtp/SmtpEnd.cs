namespace Appliance.Mail.Smtp;

/// <summary>Why a session is over.</summary>
public enum SmtpEndReason
{
    Quit,
    /// <summary>The peer went away, or the transport broke.</summary>
    PeerClosed,
    TimedOut,
    /// <summary>The listener asked for it, between two transactions.</summary>
    Drained,
    /// <summary>The listener asked for it, at once.</summary>
    Aborted,
    /// <summary>The peer did not wait for the greeting.</summary>
    TalkedFirst,
    TooManyErrors,
    TooManyCommands,
    /// <summary>The stream can no longer be told apart into commands and messages safely.</summary>
    Violation,
    /// <summary>The mail drop answered 421.</summary>
    Refused,
    /// <summary>The TLS handshake failed.</summary>
    TlsFailed,
    /// <summary>The mail drop threw, or the engine has a bug; <see cref="SmtpEnd.Fault"/> says what.</summary>
    Fault,
}

/// <param name="Reason">Why the session is over.</param>
/// <param name="Messages">Messages that were taken.</param>
/// <param name="Cause">More about it for the operator; without addresses.</param>
/// <param name="Fault">The exception behind <see cref="SmtpEndReason.Fault"/>.</param>
/// <param name="Tls">What was spoken at last; null: in clear.</param>
public sealed record SmtpEnd(SmtpEndReason Reason, int Messages, string? Cause = null, Exception? Fault = null, SmtpTls? Tls = null);
