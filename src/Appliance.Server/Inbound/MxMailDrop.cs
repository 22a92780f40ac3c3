using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.Inbound;

/// <summary>
/// Takes a message from its last octet to its 250: reads its structure, seals it to every recipient in one pass, stores it and
/// waits until that is durable. Whatever fails on the way is a temporary refusal (promise 3): an exception here ends in 4xx.
/// </summary>
internal sealed partial class MxMailDrop(
    IStore store, Recipients recipients, ArrivalSealing sealing, MailboxChanges changes, ILogger<MxMailDrop> log) : ISmtpMailDrop
{
    private static readonly SmtpReply SenderOk = new(250, "2.1.0", "Sender ok");
    private static readonly SmtpReply RecipientOk = new(250, "2.1.5", "Recipient ok");
    private static readonly SmtpReply Kept = new(250, "2.0.0", "Sealed and kept");

    public ValueTask<SmtpReply> SenderAsync(SmtpPeer peer, SmtpSender sender, CancellationToken abort) => ValueTask.FromResult(SenderOk);

    public ValueTask<SmtpRecipientAnswer> RecipientAsync(SmtpPath recipient, CancellationToken abort)
    {
        var (destination, refusal) = recipients.Find(recipient);
        return ValueTask.FromResult(new SmtpRecipientAnswer(refusal ?? RecipientOk, destination));
    }

    public async ValueTask<SmtpReply> DeliverAsync(SmtpEnvelope envelope, MessageBuffer message, CancellationToken abort)
    {
        try
        {
            var sealedMessage = await sealing.SealAsync(envelope, message.Content, abort);
            var changed = await store.WriteAsync(transaction => transaction.Append(sealedMessage, FolderRole.Inbox), CancellationToken.None);
            changes.Publish(changed);
            return Kept;
        }
        catch (StoreFailedException failed)
        {
            LogStoreFailed(failed.Message);
            return new SmtpReply(452, "4.3.1", "The message could not be stored, try again later", failed.Message);
        }
    }

    public void Refused(SmtpVerb verb, SmtpReply reply) => LogRefused(verb, reply.Code, reply.Enhanced, reply.Cause);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Verb} was refused: {Code} {Enhanced} {Cause}")]
    private partial void LogRefused(SmtpVerb verb, int code, string enhanced, string? cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message was refused because the store failed: {Reason}")]
    private partial void LogStoreFailed(string reason);
}
