using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Appliance.Crypto.Formats;

/// <summary>
/// 16 random bytes that name an account, a mailbox, a message and so on; written as 26 lower-case base32
/// characters (RFC 4648 §6 alphabet, no padding). Wrapped by a strong id such as <see cref="AccountId"/>.
/// </summary>
public readonly record struct ObjectId(UInt128 Value) : IComparable<ObjectId>
{
    public const int ByteLength = 16;
    public const int TextLength = 26;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static ObjectId New() => FromBytes(RandomBytes.Get(ByteLength));

    /// <summary>
    /// 48 bits of milliseconds, then 80 random bits: ids made one after the other lie side by side in an ordered store, which
    /// doubles its insert rate. For what has a time of making in clear anyway.
    /// </summary>
    public static ObjectId NewInOrder(DateTimeOffset now)
    {
        var bytes = RandomBytes.Get(ByteLength);
        Span<byte> milliseconds = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(milliseconds, now.ToUnixTimeMilliseconds());
        milliseconds[2..].CopyTo(bytes);
        return FromBytes(bytes);
    }

    /// <exception cref="ArgumentException">The span is not 16 bytes long.</exception>
    public static ObjectId FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == ByteLength
            ? new ObjectId(BinaryPrimitives.ReadUInt128BigEndian(bytes))
            : throw new ArgumentException("An id is 16 bytes.", nameof(bytes));

    public void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    public byte[] ToBytes()
    {
        var bytes = new byte[ByteLength];
        CopyTo(bytes);
        return bytes;
    }

    public int CompareTo(ObjectId other) => Value.CompareTo(other.Value);

    /// <summary>26 characters; the last one carries the low 3 bits, so two zero bits end it.</summary>
    public override string ToString() => string.Create(TextLength, Value, static (text, value) =>
    {
        text[^1] = Alphabet[(int)(value & 0x7) << 2];
        value >>= 3;
        for (var i = TextLength - 2; i >= 0; i--, value >>= 5)
            text[i] = Alphabet[(int)(value & 0x1F)];
    });

    /// <summary>Reads exactly what <see cref="ToString"/> writes; anything else is refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ObjectId id)
    {
        id = default;
        if (text is not { Length: TextLength })
            return false;
        UInt128 value = 0;
        for (var i = 0; i < TextLength; i++)
        {
            var digit = Alphabet.IndexOf(text[i], StringComparison.Ordinal);
            if (digit < 0)
                return false;
            if (i < TextLength - 1)
                value = (value << 5) | (uint)digit;
            else if ((digit & 3) == 0)
                value = (value << 3) | (uint)(digit >> 2);
            else
                return false;
        }
        id = new ObjectId(value);
        return true;
    }

    public static bool operator <(ObjectId left, ObjectId right) => left.Value < right.Value;
    public static bool operator <=(ObjectId left, ObjectId right) => left.Value <= right.Value;
    public static bool operator >(ObjectId left, ObjectId right) => left.Value > right.Value;
    public static bool operator >=(ObjectId left, ObjectId right) => left.Value >= right.Value;
}

/// <summary>A typed <see cref="ObjectId"/>: the compiler keeps accounts and mailboxes apart.</summary>
public interface IStrongId<TSelf> where TSelf : struct, IStrongId<TSelf>
{
    ObjectId Value { get; }

    static abstract TSelf From(ObjectId value);
}

public readonly record struct AccountId(ObjectId Value) : IStrongId<AccountId>
{
    public static AccountId From(ObjectId value) => new(value);

    public override string ToString() => Value.ToString();
}

public readonly record struct SlotId(ObjectId Value) : IStrongId<SlotId>
{
    public static SlotId From(ObjectId value) => new(value);

    public override string ToString() => Value.ToString();
}

public readonly record struct MailboxId(ObjectId Value) : IStrongId<MailboxId>
{
    public static MailboxId From(ObjectId value) => new(value);

    public override string ToString() => Value.ToString();
}

public readonly record struct FolderId(ObjectId Value) : IStrongId<FolderId>
{
    public static FolderId From(ObjectId value) => new(value);

    public override string ToString() => Value.ToString();
}

public readonly record struct MessageId(ObjectId Value) : IStrongId<MessageId>
{
    public static MessageId From(ObjectId value) => new(value);

    public override string ToString() => Value.ToString();
}

public readonly record struct BodyId(ObjectId Value) : IStrongId<BodyId>
{
    public static BodyId From(ObjectId value) => new(value);

    public override string ToString() => Value.ToString();
}
