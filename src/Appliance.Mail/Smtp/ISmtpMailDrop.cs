using Appliance.Mail.Addresses;

namespace Appliance.Mail.Smtp;

/// <summary>
/// What one session delivers into. Decisions are replies: positive goes on, 4xx and 5xx refuse. An exception ends
/// the session with 421, so that an unknown failure is never permanent.
/// </summary>
public interface ISmtpMailDrop
{
    /// <summary>MAIL: may this sender begin a message?</summary>
    ValueTask<SmtpReply> SenderAsync(SmtpPeer peer, SmtpSender sender, CancellationToken abort);

    /// <summary>RCPT: is there such a recipient, and can a message be kept for it?</summary>
    /// <param name="sender">That of this message.</param>
    /// <param name="accepted">Those of this message so far.</param>
    /// <param name="refused">How many were refused.</param>
    ValueTask<SmtpRecipientAnswer> RecipientAsync(SmtpPeer peer, SmtpSender sender, SmtpPath recipient, IReadOnlyList<SmtpRecipient> accepted, int refused, CancellationToken abort);

    /// <summary>
    /// The whole message is here. 250 promises that every recipient's copy is kept. The session clears
    /// <paramref name="message"/> as soon as this returns.
    /// </summary>
    ValueTask<SmtpReply> DeliverAsync(SmtpEnvelope envelope, MessageBuffer message, CancellationToken abort);

    /// <summary>Told of every 4xx and 5xx on its way out, with its private cause.</summary>
    void Refused(SmtpVerb verb, SmtpReply reply);
}

/// <param name="Reply">Positive to accept.</param>
/// <param name="State">The drop's own; comes back in <see cref="SmtpRecipient.State"/>, and is disposed with the transaction when it can be.</param>
public readonly record struct SmtpRecipientAnswer(SmtpReply Reply, object? State = null);
