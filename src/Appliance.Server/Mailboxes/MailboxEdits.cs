using Appliance.Crypto.Formats;
using Appliance.Server.Storage;

namespace Appliance.Server.Mailboxes;

/// <summary>A change that a client asked for; the client makes the operation's id and may ask again after a lost answer.</summary>
public sealed record MailboxEdit(AccountId AccountId, MailboxId MailboxId, ObjectId OperationId, IReadOnlyList<MessageId> MessageIds);

/// <summary>
/// What members do to their messages; every method is part of one atomic write, and done once however often it is asked for.
/// Messages that are not there any more or have expired by <c>now</c>, the time of <see cref="IExpiryClock"/>, are passed over.
/// </summary>
public static class MailboxEdits
{
    public static MailboxChange ChangeFlags(
        this IStoreTransaction transaction, MailboxEdit edit, MessageFlags add, MessageFlags remove, DateTimeOffset now) =>
        transaction.Once(edit, now, modSeq =>
        {
            foreach (var message in transaction.MessagesOf(edit, now))
            {
                var flags = (message.Flags | add) & ~remove;
                if (flags == message.Flags)
                    continue;
                var opened = flags.HasFlag(MessageFlags.Seen) && message.Expiry is { BurnAfterMinutes: not null, OpenedAt: null };
                transaction.Put(MessageRow.All, (message with { Flags = flags, ModSeq = modSeq })
                    .Expiring(expiry => opened ? expiry with { OpenedAt = now } : expiry));
                var unread = Unread(flags) - Unread(message.Flags);
                foreach (var place in unread == 0 ? [] : transaction.PlacesOf(edit.MailboxId, message.Id))
                    transaction.Count(place, messages: 0, unread);
            }
        });

    /// <summary>Takes messages out of wherever they are and puts them into the folder, which must be one of the mailbox.</summary>
    public static MailboxChange Move(this IStoreTransaction transaction, MailboxEdit edit, FolderId target, DateTimeOffset now) =>
        transaction.Once(edit, now, modSeq =>
        {
            foreach (var message in transaction.MessagesOf(edit, now))
            {
                var places = transaction.PlacesOf(edit.MailboxId, message.Id);
                if (places is [var only] && only.FolderId == target)
                    continue;
                transaction.RemovePlaces(message, places);
                var folder = transaction.Get(FolderRow.All, Key.Of(edit.MailboxId.Value, target.Value))!;
                transaction.Put(FolderRow.All, folder with { UidNext = folder.UidNext + 1 });
                var place = new MembershipRow
                {
                    MailboxId = edit.MailboxId,
                    FolderId = target,
                    Uid = folder.UidNext,
                    MessageId = message.Id,
                    AddedAt = now,
                    ModSeq = modSeq,
                };
                transaction.Put(MembershipRow.All, place);
                transaction.Count(place, messages: 1, Unread(message.Flags));
                transaction.Put(MessageRow.All, (message with { ModSeq = modSeq }).Expiring(expiry => expiry with { Folder = now + MessageExpiry.LifetimeIn(folder.Role) }));
            }
        });

    /// <summary>When the member wants the messages destroyed, in place of what they wanted before.</summary>
    public static MailboxChange Expire(
        this IStoreTransaction transaction, MailboxEdit edit, DateTimeOffset? at, int? burnAfterMinutes, DateTimeOffset now) =>
        transaction.Once(edit, now, modSeq =>
        {
            foreach (var message in transaction.MessagesOf(edit, now))
            {
                var opened = burnAfterMinutes is null ? (DateTimeOffset?)null
                    : message.Expiry?.OpenedAt ?? (message.Flags.HasFlag(MessageFlags.Seen) ? now : null);
                transaction.Put(MessageRow.All, (message with { ModSeq = modSeq }).Expiring(
                    expiry => expiry with { Member = at, BurnAfterMinutes = burnAfterMinutes, OpenedAt = opened }));
            }
        });

    /// <summary>
    /// Takes messages, their places and their erasure keys out of their mailboxes, which have that much more room then, and bodies that no other mailbox holds.
    /// </summary>
    /// <returns>The bodies' blobs, to be deleted once this is durable.</returns>
    public static IReadOnlyList<BlobReference> Destroy(this IStoreTransaction transaction, IReadOnlyList<MessageRow> messages)
    {
        foreach (var ofMailbox in messages.GroupBy(message => message.MailboxId))
            if (transaction.Get(MailboxRow.All, Key.Of(ofMailbox.Key.Value)) is { } mailbox)
                transaction.Put(MailboxRow.All, mailbox with { UsedBytes = mailbox.UsedBytes - ofMailbox.Sum(message => message.Size) });
        return [.. messages.Select(transaction.Destroy).OfType<BlobReference>()];
    }

    private static BlobReference? Destroy(this IStoreTransaction transaction, MessageRow message)
    {
        var key = MessageRow.All.Key(message);
        transaction.RemovePlaces(message, transaction.PlacesOf(message.MailboxId, message.Id));
        transaction.Delete(MessageRow.All, key);
        transaction.Delete(ErasureKeyRow.All, key);
        var bodyKey = Key.Of(message.BodyId.Value);
        if (transaction.Get(BodyRow.All, bodyKey) is not { } body)
            return null;
        if (body.References > 1)
        {
            transaction.Put(BodyRow.All, body with { References = body.References - 1 });
            return null;
        }
        transaction.Delete(BodyRow.All, bodyKey);
        return body.Blob;
    }

    public static MessageRow Expiring(this MessageRow message, Func<MessageExpiry, MessageExpiry> change)
    {
        var expiry = change(message.Expiry ?? MessageExpiry.None);
        return message with { Expiry = expiry == MessageExpiry.None ? null : expiry, ExpiresAt = expiry.Earliest() };
    }

    /// <summary>Runs <paramref name="change"/> with the mailbox's next change number, unless this operation was done before.</summary>
    public static MailboxChange Once(this IStoreTransaction transaction, MailboxEdit edit, DateTimeOffset now, Action<long> change)
    {
        if (transaction.Get(OperationRow.All, Key.Of(edit.AccountId.Value, edit.OperationId)) is { } done)
            return new MailboxChange(edit.MailboxId, done.Result);
        var modSeq = transaction.Touch(edit.MailboxId).HighestModSeq;
        change(modSeq);
        transaction.Put(OperationRow.All, new OperationRow
        {
            AccountId = edit.AccountId,
            OperationId = edit.OperationId,
            Result = modSeq,
            At = now,
        });
        return new MailboxChange(edit.MailboxId, modSeq);
    }

    private static void RemovePlaces(this IStoreTransaction transaction, MessageRow message, IReadOnlyList<MembershipRow> places)
    {
        foreach (var place in places)
        {
            transaction.Delete(MembershipRow.All, MembershipRow.All.Key(place));
            transaction.Count(place, messages: -1, -Unread(message.Flags));
        }
    }

    /// <summary>Those of the edit's messages that are still there.</summary>
    public static IEnumerable<MessageRow> MessagesOf(this IStoreTransaction transaction, MailboxEdit edit) => edit.MessageIds
        .Distinct()
        .Select(id => transaction.Get(MessageRow.All, Key.Of(edit.MailboxId.Value, id.Value)))
        .OfType<MessageRow>();

    private static IEnumerable<MessageRow> MessagesOf(this IStoreTransaction transaction, MailboxEdit edit, DateTimeOffset now) =>
        transaction.MessagesOf(edit).Where(message => !message.HasExpired(now));

    private static int Unread(MessageFlags flags) => flags.HasFlag(MessageFlags.Seen) ? 0 : 1;

    private static void Count(this IStoreTransaction transaction, MembershipRow place, int messages, int unread)
    {
        var folder = transaction.Get(FolderRow.All, Key.Of(place.MailboxId.Value, place.FolderId.Value))!;
        transaction.Put(FolderRow.All, folder with { Total = folder.Total + messages, Unread = folder.Unread + unread });
    }
}
