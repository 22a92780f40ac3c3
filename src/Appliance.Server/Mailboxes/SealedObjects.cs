using System.Buffers.Binary;
using Appliance.Crypto.Formats;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Mailboxes;

public enum ObjectKind
{
    /// <summary>A day's refusals, told to the member.</summary>
    Refusals = 1,
}

/// <summary>Something of a mailbox that is no message, sealed to its member.</summary>
[Collection("object")]
public sealed record ObjectRow
{
    public static readonly Collection<ObjectRow> All = Collection
        .Of<ObjectRow>(row => Key.Of(row.MailboxId.Value, row.Id))
        .Index("forgetAt", row => Key.Of(row.ForgetAt));

    [Stored(Visibility.Clear, Retention.Account, "Whose it is.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Its kind and, for refusals, the day.")]
    public required ObjectId Id { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "What it is.")]
    public required ObjectKind Kind { get; init; }

    [Stored(Visibility.Sealed, Retention.Account, "What it holds, piece by piece.")]
    public required IReadOnlyList<SealedPiece> Sealed { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "How many more there were than it holds.")]
    public int LeftOut { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "The last change to it.")]
    public required long ModSeq { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "When it is deleted.")]
    public required DateTimeOffset ForgetAt { get; init; }

    /// <summary>Kind, then the day's number: a mailbox has one of these a day, in order.</summary>
    public static ObjectId RefusalsOf(DateOnly day)
    {
        Span<byte> id = stackalloc byte[ObjectId.ByteLength];
        id[0] = (byte)ObjectKind.Refusals;
        BinaryPrimitives.WriteInt32BigEndian(id[12..], day.DayNumber);
        return ObjectId.FromBytes(id);
    }

    public static DateOnly DayOf(ObjectId refusals) => DateOnly.FromDayNumber(BinaryPrimitives.ReadInt32BigEndian(refusals.ToBytes().AsSpan(12)));
}

/// <param name="KeyFingerprint">The address key it is sealed to.</param>
/// <param name="KeyPacket">Before <paramref name="Part"/> an OpenPGP message.</param>
public sealed record SealedPiece(string KeyFingerprint, byte[] KeyPacket, byte[] Part);
