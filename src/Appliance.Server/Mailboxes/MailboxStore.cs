using Appliance.Crypto.Formats;
using Appliance.Server.Storage;

namespace Appliance.Server.Mailboxes;

/// <summary>A sealed message on its way into the store: one body, one row per mailbox.</summary>
public sealed record NewMessage
{
    public required BodyId BodyId { get; init; }

    public required byte[] Summary { get; init; }

    public required IReadOnlyList<StoredSegment> Segments { get; init; }

    public ReadOnlyMemory<byte>? Inline { get; init; }

    public BlobReference? Blob { get; init; }

    public required MessageOrigin Origin { get; init; }

    public InnerEncryption Inner { get; init; }

    public required long Size { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }

    public required IReadOnlyList<NewCopy> Copies { get; init; }
}

/// <summary>What one mailbox gets of it.</summary>
public sealed record NewCopy
{
    public required MailboxId MailboxId { get; init; }

    public required MessageId MessageId { get; init; }

    public required string KeyFingerprint { get; init; }

    public required byte[] ErasureKey { get; init; }

    public required IReadOnlyList<StoredKeyPacket> KeyPackets { get; init; }

    public required byte[] Slip { get; init; }

    public FolderRole Folder { get; init; } = FolderRole.Inbox;
}

/// <summary>Makes mailboxes and puts messages into them; every method is part of one atomic write.</summary>
public static class MailboxStore
{
    private static readonly FolderRole[] Roles = Enum.GetValues<FolderRole>();

    /// <summary>A personal mailbox with its six folders.</summary>
    public static void AddMailbox(
        this IStoreTransaction transaction, MailboxId id, AccountId member, byte[] mailboxKey, DateTimeOffset now)
    {
        var folders = Roles.ToDictionary(role => role, _ => new FolderId(ObjectId.New()));
        transaction.Put(MailboxRow.All, new MailboxRow
        {
            Id = id,
            StoreEpoch = ObjectId.New(),
            HighestModSeq = 1,
            UsedBytes = 0,
            Folders = folders,
            RetentionRules = transaction.RetentionPolicy() is { } policy ? new MailboxRetention { Policy = policy } : null,
        });
        transaction.Put(MailboxMemberRow.All, new MailboxMemberRow { AccountId = member, MailboxId = id, Generation = 1, MailboxKey = mailboxKey });
        foreach (var (role, folder) in folders)
        {
            transaction.Put(FolderRow.All, new FolderRow
            {
                MailboxId = id,
                Id = folder,
                Role = role,
                UidValidity = (uint)now.ToUnixTimeSeconds(),
                UidNext = 1,
                Total = 0,
                Unread = 0,
            });
        }
    }

    public static IReadOnlyList<FolderRow> FoldersOf(this IStoreReader store, MailboxId mailbox) =>
        store.Range(FolderRow.All, Key.Of(mailbox.Value), Key.LastOf(mailbox.Value), limit: 1000);

    public static IReadOnlyList<MailboxMemberRow> MailboxesOf(this IStoreReader store, AccountId account) =>
        store.Range(MailboxMemberRow.All, Key.Of(account.Value), Key.LastOf(account.Value), limit: 100);

    public static bool IsMember(this IStoreReader store, AccountId account, MailboxId mailbox) =>
        store.Get(MailboxMemberRow.All, Key.Of(account.Value, mailbox.Value)) is not null;

    /// <summary>
    /// Puts the message into every mailbox, each copy into its folder, and returns each mailbox's new change number.
    /// </summary>
    /// <exception cref="InvalidOperationException">A mailbox is gone: it was deleted since its key was chosen.</exception>
    public static IReadOnlyList<MailboxChange> Append(this IStoreTransaction transaction, NewMessage message)
    {
        transaction.Add(BodyRow.All, new BodyRow
        {
            Id = message.BodyId,
            References = message.Copies.Count,
            Summary = message.Summary,
            Segments = message.Segments,
            Inline = message.Inline,
            Blob = message.Blob,
        });
        return [.. message.Copies.Select(copy => transaction.Append(message, copy))];
    }

    private static MailboxChange Append(this IStoreTransaction transaction, NewMessage message, NewCopy copy)
    {
        var role = copy.Folder;
        var mailbox = transaction.Touch(copy.MailboxId, message.Size);
        var folder = mailbox.Folders?.TryGetValue(role, out var id) == true && transaction.Get(FolderRow.All, Key.Of(copy.MailboxId.Value, id.Value)) is { } known
            ? known
            : transaction.FoldersOf(copy.MailboxId).First(folder => folder.Role == role);
        var modSeq = mailbox.HighestModSeq;
        var row = new MessageRow
        {
            MailboxId = copy.MailboxId,
            Id = copy.MessageId,
            BodyId = message.BodyId,
            ArrivedAt = message.ArrivedAt,
            Origin = message.Origin,
            Inner = message.Inner,
            Size = message.Size,
            ModSeq = modSeq,
            KeyFingerprint = copy.KeyFingerprint,
            KeyPackets = copy.KeyPackets,
            Slip = copy.Slip,
        };
        if (MessageExpiry.LifetimeIn(role) is { } lifetime)
            row = row.Expiring(expiry => expiry with { Folder = message.ArrivedAt + lifetime });
        transaction.Add(MessageRow.All, mailbox.RetentionRules?.Over(row) ?? row);
        transaction.Add(ErasureKeyRow.All, new ErasureKeyRow { MailboxId = copy.MailboxId, MessageId = copy.MessageId, Value = copy.ErasureKey });
        transaction.Add(MembershipRow.All, new MembershipRow
        {
            MailboxId = copy.MailboxId,
            FolderId = folder.Id,
            Uid = folder.UidNext,
            MessageId = copy.MessageId,
            AddedAt = message.ArrivedAt,
            ModSeq = modSeq,
        });
        transaction.Put(FolderRow.All, folder with { UidNext = folder.UidNext + 1, Total = folder.Total + 1, Unread = folder.Unread + 1 });
        return new MailboxChange(copy.MailboxId, modSeq);
    }

    public static IReadOnlyList<MembershipRow> PlacesOf(this IStoreReader store, MailboxId mailbox, MessageId message)
    {
        var key = Key.Of(mailbox.Value, message.Value);
        return store.Range(MembershipRow.All, key, key, limit: 1000, index: "message");
    }

    /// <summary>Counts one more change of the mailbox.</summary>
    /// <param name="newBytes">What it has more of since then.</param>
    public static MailboxRow Touch(this IStoreTransaction transaction, MailboxId id, long newBytes = 0)
    {
        var mailbox = transaction.Get(MailboxRow.All, Key.Of(id.Value)) ?? throw new InvalidOperationException("The mailbox is gone.");
        var touched = mailbox with { HighestModSeq = mailbox.HighestModSeq + 1, UsedBytes = mailbox.UsedBytes + newBytes };
        transaction.Put(MailboxRow.All, touched);
        return touched;
    }
}
