using Appliance.Crypto.Formats;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Mailboxes;

/// <summary>Holds messages and folders. A personal mailbox has one member, a shared address will have several.</summary>
[Collection("mailbox")]
public sealed record MailboxRow
{
    public static readonly Collection<MailboxRow> All = Collection.Of<MailboxRow>(row => Key.Of(row.Id.Value)).Cached();

    [Stored(Visibility.Clear, Retention.Account, "Names the mailbox.")]
    public required MailboxId Id { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Changes when a backup is restored, so that clients sync anew.")]
    public required ObjectId StoreEpoch { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Counts changes, so that clients fetch only what is new.")]
    public required long HighestModSeq { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Destructions below this change number are no longer listed one by one.")]
    public long DestroyedBelow { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "How long its messages are kept, by the member's wish and by the operator's.")]
    public MailboxRetention? RetentionRules { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Its folder of each role; none in a mailbox that is older than this, whose folders are searched.")]
    public Dictionary<FolderRole, FolderId>? Folders { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "How many bytes its messages have, for the quota; none in a mailbox that is older than quotas, until it is counted.")]
    public long? UsedBytes { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "How many bytes the operator lets it have, when that is not what everybody has; 0: any number.")]
    public long? QuotaBytes { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Whether the member has ever allowed or blocked a sender.")]
    public bool HasSenderRules { get; init; }
}

/// <summary>A member of a mailbox, and the mailbox key sealed to that member.</summary>
[Collection("mailboxMember")]
public sealed record MailboxMemberRow
{
    public static readonly Collection<MailboxMemberRow> All = Collection
        .Of<MailboxMemberRow>(row => Key.Of(row.AccountId.Value, row.MailboxId.Value));

    [Stored(Visibility.Clear, Retention.Account, "Who may open the mailbox.")]
    public required AccountId AccountId { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Which mailbox.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Which mailbox key this is; a new one is made when a member leaves.")]
    public required int Generation { get; init; }

    [Stored(Visibility.Sealed, Retention.Account, "The mailbox key, sealed to the member's user key.")]
    public required byte[] MailboxKey { get; init; }
}

public enum FolderRole
{
    Inbox = 1,
    Archive = 2,
    Drafts = 3,
    Sent = 4,
    Junk = 5,
    Trash = 6,
}

[Collection("folder")]
public sealed record FolderRow
{
    public static readonly Collection<FolderRow> All = Collection.Of<FolderRow>(row => Key.Of(row.MailboxId.Value, row.Id.Value)).Cached();

    [Stored(Visibility.Clear, Retention.Account, "Which mailbox the folder is in.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Names the folder.")]
    public required FolderId Id { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "What the folder is for; the member's own folders have a sealed name instead.")]
    public FolderRole? Role { get; init; }

    [Stored(Visibility.Sealed, Retention.Account, "The name the member gave it.")]
    public byte[]? SealedName { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "IMAP: changes when numbers are dealt anew.")]
    public required uint UidValidity { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "IMAP: the number the next message gets.")]
    public required uint UidNext { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "How many messages it holds.")]
    public required long Total { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "How many of them were not seen.")]
    public required long Unread { get; init; }
}

/// <summary>A message's place in a folder or under a label.</summary>
[Collection("membership", DestroyedWithMessage = true)]
public sealed record MembershipRow
{
    public static readonly Collection<MembershipRow> All = Collection
        .Of<MembershipRow>(row => Key.Of(row.MailboxId.Value, row.FolderId.Value, row.Uid))
        .Index("message", row => Key.Of(row.MailboxId.Value, row.MessageId.Value));

    [Stored(Visibility.Clear, Retention.Message, "Which mailbox.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Which folder.")]
    public required FolderId FolderId { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "IMAP: the message's number in the folder.")]
    public required uint Uid { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Which message.")]
    public required MessageId MessageId { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "When it was put there.")]
    public required DateTimeOffset AddedAt { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "The change that put it there.")]
    public required long ModSeq { get; init; }
}
