using System.Buffers;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

internal sealed record KeptMessage(SmtpEnvelope Envelope, byte[] Content);

/// <summary>The outside of the protocol: takes everything, but for local parts that say otherwise.</summary>
internal sealed class ScriptedDrop : ISmtpMailDrop
{
    public List<KeptMessage> Kept { get; } = [];

    public List<SmtpReply> Refusals { get; } = [];

    public SmtpReply Verdict { get; init; } = new(250, "2.0.0", "Kept");

    public Func<ValueTask>? WhileDelivering { get; init; }

    public ValueTask<SmtpReply> SenderAsync(SmtpPeer peer, SmtpSender sender, CancellationToken abort) =>
        new(sender.Path.Mailbox?.LocalPart == "blocked"
            ? new SmtpReply(550, "5.7.1", "Not from you", "listed")
            : new SmtpReply(250, "2.1.0", "Sender OK"));

    public ValueTask<SmtpRecipientAnswer> RecipientAsync(SmtpPeer peer, SmtpSender sender, SmtpPath recipient, IReadOnlyList<SmtpRecipient> accepted, int refused, CancellationToken abort) =>
        new(recipient.Mailbox?.LocalPart switch
        {
            "nobody" => new SmtpRecipientAnswer(new SmtpReply(550, "5.1.1", "No such mailbox")),
            "later" => new SmtpRecipientAnswer(new SmtpReply(450, "4.2.1", "Try again later")),
            "bug" => throw new InvalidOperationException("a bug in the mail drop"),
            _ => new SmtpRecipientAnswer(new SmtpReply(250, "2.1.5", "Recipient OK"), recipient.ToString()),
        });

    public async ValueTask<SmtpReply> DeliverAsync(SmtpEnvelope envelope, MessageBuffer message, CancellationToken abort)
    {
        if (WhileDelivering is not null)
            await WhileDelivering();
        Assert.Equal(message.Length, message.Content.Length);
        if (Verdict.IsPositive)
            Kept.Add(new KeptMessage(envelope, message.Content.ToArray()));
        return Verdict;
    }

    public void Refused(SmtpVerb verb, SmtpReply reply) => Refusals.Add(reply);
}
