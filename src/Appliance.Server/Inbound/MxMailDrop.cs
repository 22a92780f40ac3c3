using System.Buffers;
using System.Collections.Concurrent;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Server.Domains;
using Appliance.Server.Inbound.Connections;
using Appliance.Server.Inbound.OldHosts;
using Appliance.Server.Inbound.Refusals;
using Appliance.Server.Inbound.Senders;
using Appliance.Server.Inbound.Traces;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.Inbound;

/// <summary>
/// Takes a message from its last octet to its 250: checks where it comes from, reads its structure, seals it to every recipient in one pass, stores it
/// and waits until that is durable. Whatever fails on the way is a temporary refusal (promise 3): an exception here ends in 4xx.
/// </summary>
internal sealed partial class MxMailDrop(
    IStore store, Recipients recipients, ClientLimits limits, ReceiveRates rates, ArrivalChecks checks, SenderHistories histories, ArrivalSealing sealing, OldHostRelay oldHosts,
    MailboxChanges changes, MailTraces traces, RefusalNotices notices, MxCounters counters, ILogger<MxMailDrop> log) : ISmtpMailDrop
{
    private static readonly SmtpReply SenderOk = new(250, "2.1.0", "Sender ok");
    private static readonly SmtpReply RecipientOk = new(250, "2.1.5", "Recipient ok");
    private static readonly SmtpReply Kept = new(250, "2.0.0", "Sealed and kept");

    private static readonly SmtpReply NoRoom = new(452, "4.3.1", "Not enough disk space here at the moment, try again later");

    private static readonly SmtpReply OtherRules = new(452, "4.5.3", "This recipient cannot share an answer with the others; send it a message of its own");

    /// <summary>A longer message is taken elsewhere, so that no session waits for the work on another's.</summary>
    private const int LongestHere = 256 * 1024;

    /// <summary>Beside so many others a sealed message is not written before they are sealed too.</summary>
    private const int Many = 8;

    /// <summary>Of a sealed summary, so that its row has room for a small body and for where all segments lie.</summary>
    private const int LongestSummary = 900 * 1024;

    private static readonly SmtpReply TooIntricate = new(
        552, "5.3.4", "The header of this message and the structure of its parts are too much to be kept; send it with a shorter header, or fewer parts");

    private readonly ConcurrentQueue<BlobReference> _unnamed = new(); // after a failed sync a row may name one after all when the service is started next, until a later group is kept
    private bool _isFull; // as last seen, to log each change once

    public ValueTask<SmtpReply> SenderAsync(SmtpPeer peer, SmtpSender sender, CancellationToken abort)
    {
        // Since it connected; or a proxy has only now said who it is.
        if (limits.IsBanned(peer.Remote.Address))
            return ValueTask.FromResult(ClientLimits.Banned);
        if (sender.Path.IsNull && limits.IsBannedFromBounces(peer.Remote.Address))
            return ValueTask.FromResult(ClientLimits.BannedFromBounces);
        checks.Begin(peer);
        return ValueTask.FromResult(HasRoomFor(sender.DeclaredBytes ?? 0) ? SenderOk : NoRoom);
    }

    public async ValueTask<SmtpRecipientAnswer> RecipientAsync(SmtpPeer peer, SmtpSender sender, SmtpPath recipient, IReadOnlyList<SmtpRecipient> accepted, int refused, CancellationToken abort)
    {
        var (destinations, refusal, oldHost) = recipients.Find(recipient);
        OldHostTransaction? passing = null;
        // After DATA a message is refused for all or for none.
        if (refusal is null && accepted.Count > 0 && !HaveOneAnswer(accepted[0], recipient, oldHost))
            refusal = OtherRules;
        else if (oldHost is not null)
            (refusal, passing) = await oldHosts.AskAsync(oldHost, peer, sender, recipient, accepted.Count > 0 ? (OldHostTransaction)accepted[0].State! : null, abort);
        var isUnknown = refusal == Recipients.NoMailbox || (oldHost is not null && refusal is { Code: 550 or 551 });
        // It goes to one only: back to whom the message was from (RFC 5321 §6.1).
        var isBounce = sender.Path.IsNull && accepted.Count + refused == 0;
        refusal = await limits.RefusalAsync(peer, destinations, refusal, isUnknown, isBounce, abort);
        if (refusal is null && await checks.IsBlockedAsync(peer, sender, destinations, abort))
        {
            refusal = ArrivalChecks.Blocked;
            notices.Tell(destinations, refusal, sender, null);
        }
        if (refusal is not null)
            await traces.RecordAsync(peer, sender.Path, [.. Reached(recipient, destinations, _ => OutcomeOf(refusal))], refusal, message: null, abort);
        return new SmtpRecipientAnswer(refusal ?? RecipientOk, (object?)passing ?? destinations);
    }

    public ValueTask<SmtpReply> DeliverAsync(SmtpEnvelope envelope, MessageBuffer message, CancellationToken abort) =>
        message.Length <= LongestHere ? TakeAsync(envelope, message, abort) : new(Task.Run(() => TakeAsync(envelope, message, abort).AsTask(), CancellationToken.None));

    private async ValueTask<SmtpReply> TakeAsync(SmtpEnvelope envelope, MessageBuffer message, CancellationToken abort)
    {
        await SessionLoop.Gather(); // the checks and sealing need much code
        // It may have grown since MAIL, and other sessions with it.
        if (!HasRoomFor(message.Content.Length))
            return NoRoom;
        try
        {
            var arrival = await checks.CheckAsync(envelope, message.Content, abort);
            if (arrival.Refusal is { } refusal)
                return await RefuseAsync(envelope, arrival, refusal, abort);
            if (envelope.Recipients[0].State is OldHostTransaction passing)
                return await PassOnAsync(envelope, passing, arrival, abort);
            using var room = MemoryPool<byte>.Shared.Rent(ArrivalSealing.MostInlineBytes);
            var sealedMessage = await sealing.SealAsync(envelope, message.Content, arrival, room.Memory, abort);
            if (sealedMessage.Summary.Length > LongestSummary)
            {
                if (sealedMessage.Blob is { } blob)
                    await DeleteAsync(blob);
                return await RefuseAsync(envelope, arrival, TooIntricate, abort);
            }
            var kept = await KeepAsync(sealedMessage, arrival);
            rates.Count(envelope.Peer.Remote.Address, kept);
            changes.Publish(kept);
            await traces.RecordAsync(
                envelope.Peer, envelope.Sender.Path, [.. Reached(envelope, to => arrival.FolderFor(to).ToString().ToLowerInvariant())], Kept, sealedMessage.BodyId.ToString(), CancellationToken.None);
            return Kept;
        }
        catch (StoreFailedException failed)
        {
            LogStoreFailed(failed.Message);
            return new SmtpReply(452, "4.3.1", "The message could not be stored, try again later", failed.Message);
        }
    }

    private async Task<SmtpReply> RefuseAsync(SmtpEnvelope envelope, CheckedArrival arrival, SmtpReply refusal, CancellationToken abort)
    {
        if (refusal.IsPermanent)
            notices.Tell(DestinationsOf(envelope), refusal, envelope.Sender, arrival.Arrival?.Summary);
        await traces.RecordAsync(envelope.Peer, envelope.Sender.Path, [.. Reached(envelope, _ => OutcomeOf(refusal))], refusal, message: null, abort);
        return refusal;
    }

    /// <summary>The old host's answer is the sender's.</summary>
    private async Task<SmtpReply> PassOnAsync(SmtpEnvelope envelope, OldHostTransaction passing, CheckedArrival arrival, CancellationToken abort)
    {
        var (id, trace) = sealing.TraceToPassOn(envelope, arrival);
        var reply = await oldHosts.PassOnAsync(passing, [new ReadOnlySequence<byte>(trace), arrival.Arrival!.Kept], abort);
        var outcome = reply.IsPositive ? "passed" : OutcomeOf(reply);
        await traces.RecordAsync(envelope.Peer, envelope.Sender.Path, [.. Reached(envelope, _ => outcome)], reply, reply.IsPositive ? id : null, CancellationToken.None);
        return reply;
    }

    /// <summary>Whether one answer to a message can be true of both.</summary>
    private bool HaveOneAnswer(SmtpRecipient accepted, SmtpPath recipient, OldHost? oldHost) =>
        checks.RulesFor(recipient) == checks.RulesFor(accepted.Path) && oldHost == (accepted.State as OldHostTransaction)?.Host;

    private static IReadOnlyList<Destination> DestinationsOf(SmtpRecipient recipient) => recipient.State as IReadOnlyList<Destination> ?? [];

    private static IEnumerable<Destination> DestinationsOf(SmtpEnvelope envelope) => envelope.Recipients.SelectMany(DestinationsOf);

    private static IEnumerable<(Mailbox, string)> Reached(SmtpEnvelope envelope, Func<MailboxId, string> outcome) =>
        envelope.Recipients.SelectMany(to => Reached(to.Path, DestinationsOf(to), outcome)).Distinct();

    /// <summary>The address as it was written, and those of the members it leads to.</summary>
    private static IEnumerable<(Mailbox, string)> Reached(SmtpPath written, IReadOnlyList<Destination> destinations, Func<MailboxId, string> outcome)
    {
        if (written.Mailbox is { } address)
            yield return (address, outcome(destinations is [var first, ..] ? first.MailboxId : default));
        foreach (var to in destinations)
            if (to.DeliveredTo != written.Mailbox?.Key && Mailbox.TryParse(to.DeliveredTo, out var member))
                yield return (member, outcome(to.MailboxId));
    }

    private static string OutcomeOf(SmtpReply refusal) => refusal.IsPermanent ? "refused" : "deferred";

    private async Task<IReadOnlyList<MailboxChange>> KeepAsync(NewMessage message, CheckedArrival arrival)
    {
        await SessionLoop.Gather(Many); // they share a sync; where they are few, one is better written while the next is sealed
        try
        {
            var kept = await store.WriteAsync(
                transaction =>
                {
                    if (arrival is { IsJunk: false, Sender: { } sender })
                        histories.CountKept(transaction, sender);
                    return transaction.Append(message);
                },
                CancellationToken.None);
            while (_unnamed.TryDequeue(out var blob))
                await DeleteAsync(blob);
            return kept;
        }
        catch (StoreFailedException) when (message.Blob is not null)
        {
            _unnamed.Enqueue(message.Blob);
            throw;
        }
        catch (Exception) when (message.Blob is not null)
        {
            await DeleteAsync(message.Blob); // no row names it
            throw;
        }
    }

    private async Task DeleteAsync(BlobReference blob)
    {
        try
        {
            await store.Blobs.DeleteAsync(blob, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is swept when the service starts next.
        }
    }

    private bool HasRoomFor(long bytes)
    {
        var hasRoom = store.HasRoomFor(bytes);
        var isFull = !hasRoom && !store.HasRoomFor(0); // else only this message is too much
        if (isFull != _isFull)
        {
            _isFull = isFull;
            if (isFull)
                LogFull();
            else
                LogRoomAgain();
        }
        return hasRoom;
    }

    public void Refused(SmtpVerb verb, SmtpReply reply)
    {
        counters.Refuse(reply);
        LogRefused(verb, reply.Code, reply.Enhanced, reply.Cause);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Verb} was refused: {Code} {Enhanced} {Cause}")]
    private partial void LogRefused(SmtpVerb verb, int code, string enhanced, string? cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail is refused for now: the disk is down to its reserve (Data:ReserveMegabytes). Free some room")]
    private partial void LogFull();

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is room on the disk again: mail is taken")]
    private partial void LogRoomAgain();

    [LoggerMessage(Level = LogLevel.Error, Message = "A message was refused because the store failed: {Reason}")]
    private partial void LogStoreFailed(string reason);
}
