using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Mailboxes;

/// <summary>How a message came into the store.</summary>
public enum MessageOrigin
{
    Arrival = 1,
    Submission = 2,
    Member = 3,
    Import = 4,
    System = 5,
    Draft = 6,
}

/// <summary>How a message was encrypted before it came here.</summary>
public enum InnerEncryption
{
    None = 0,
    Pgp = 1,
    Smime = 2,
}

[Flags]
public enum MessageFlags
{
    None = 0,
    Seen = 1,
    Answered = 2,
    Flagged = 4,
    Deleted = 8,
    Draft = 16,
}

/// <summary>A message in one mailbox: how it is opened there, and when it is destroyed. The body is a row of its own.</summary>
[Collection("message", DestroyedWithMessage = true)]
public sealed record MessageRow
{
    public static readonly Collection<MessageRow> All = Collection
        .Of<MessageRow>(row => Key.Of(row.MailboxId.Value, row.Id.Value))
        .Index("expiresAt", row => row.ExpiresAt is { } at ? Key.Of(at) : null);

    [Stored(Visibility.Clear, Retention.Message, "Which mailbox.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Names the message in this mailbox.")]
    public required MessageId Id { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Where the sealed body is; several mailboxes may hold one body.")]
    public required BodyId BodyId { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "When it came.")]
    public required DateTimeOffset ArrivedAt { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "How it came.")]
    public required MessageOrigin Origin { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Whether it was encrypted before it came.")]
    public InnerEncryption Inner { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Its size in bytes, for quota and IMAP.")]
    public required long Size { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Read, answered, flagged.")]
    public MessageFlags Flags { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "IMAP keywords a client set.")]
    public IReadOnlyList<string> Keywords { get; init; } = [];

    [Stored(Visibility.Clear, Retention.Message, "The last change to this row.")]
    public required long ModSeq { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Which of the mailbox's keys opens it.")]
    public required string KeyFingerprint { get; init; }

    [Stored(Visibility.Sealed, Retention.Message, "The session keys, sealed to the member, under the erasure key.")]
    public required IReadOnlyList<StoredKeyPacket> KeyPackets { get; init; }

    [Stored(Visibility.Sealed, Retention.Message, "The envelope and what the member's rules did.")]
    public required byte[] Slip { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Every reason to destroy it, and its time.")]
    public MessageExpiry? Expiry { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "The earliest of these times.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    public bool HasExpired(DateTimeOffset now) => ExpiresAt <= now;
}

/// <summary>A PKESK under the erasure key; opaque but for its tags, so that other suites fit (docs/formats.md).</summary>
public sealed record StoredKeyPacket
{
    public required KeyPacketOpens Opens { get; init; }

    public required string Type { get; init; }

    public required string Suite { get; init; }

    public required byte[] Wrapped { get; init; }
}

/// <summary>A sealed message, stored once however many mailboxes hold it.</summary>
[Collection("body", DestroyedWithMessage = true)]
public sealed record BodyRow
{
    public static readonly Collection<BodyRow> All = Collection.Of<BodyRow>(row => Key.Of(row.Id.Value))
        .Blob(row => row.Blob);

    [Stored(Visibility.Clear, Retention.Message, "Names the body.")]
    public required BodyId Id { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "How many mailboxes hold it; at none it is destroyed.")]
    public required int References { get; init; }

    [Stored(Visibility.Sealed, Retention.Message, "Subject, correspondents, snippet, structure.")]
    public required byte[] Summary { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Where each sealed segment lies in the bytes below or in the blob.")]
    public required IReadOnlyList<StoredSegment> Segments { get; init; }

    [Stored(Visibility.Sealed, Retention.Message, "The sealed segments, when they are small.")]
    public ReadOnlyMemory<byte>? Inline { get; init; }

    [Stored(Visibility.Secret, Retention.Message, "The file that holds the sealed segments, when they are not, and its key.")]
    public BlobReference? Blob { get; init; }
}

public sealed record StoredSegment
{
    public required int Index { get; init; }

    public required long Offset { get; init; }

    public required int Length { get; init; }
}

/// <summary>Without it the message's key packets are noise; destroying it destroys every copy of the message.</summary>
[Collection("erasureKey", DestroyedWithMessage = true)]
public sealed record ErasureKeyRow
{
    public static readonly Collection<ErasureKeyRow> All = Collection.Of<ErasureKeyRow>(row => Key.Of(row.MailboxId.Value, row.MessageId.Value));

    [Stored(Visibility.Clear, Retention.Message, "Which mailbox.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Clear, Retention.Message, "Which message.")]
    public required MessageId MessageId { get; init; }

    [Stored(Visibility.Secret, Retention.Message, "The key that is destroyed with the message.")]
    public required byte[] Value { get; init; }
}

/// <summary>A change a client asked for, so that asking twice does it once.</summary>
[Collection("operation", InBackup = false)]
public sealed record OperationRow
{
    public static readonly Collection<OperationRow> All = Collection
        .Of<OperationRow>(row => Key.Of(row.AccountId.Value, row.OperationId))
        .Index("at", row => Key.Of(row.At));

    [Stored(Visibility.Clear, Retention.UntilUsed, "Who asked.")]
    public required AccountId AccountId { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "The number the client gave it.")]
    public required ObjectId OperationId { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "The mailbox's change number afterwards.")]
    public required long Result { get; init; }

    [Stored(Visibility.Clear, Retention.UntilUsed, "When; kept 30 days.")]
    public required DateTimeOffset At { get; init; }
}
