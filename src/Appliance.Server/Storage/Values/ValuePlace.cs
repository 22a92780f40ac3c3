using System.Buffers.Binary;

namespace Appliance.Server.Storage.Values;

/// <summary>
/// Where a value lies in the value file, and the AES-256 key that is its alone: what the engine keeps of it. Encoded, big endian: version 1 ‖ offset 8 ‖
/// length 4 ‖ key 32.
/// </summary>
/// <param name="Length">Of the plaintext, in bytes.</param>
internal sealed record ValuePlace(long Offset, int Length, byte[] Key)
{
    public const int KeyLength = 32;
    private const byte Version = 1;
    private const int EncodedLength = 1 + 8 + 4 + KeyLength;

    public Extent Extent => new(Offset, ValueFile.BytesFor(Length));

    public byte[] Encode()
    {
        var encoded = new byte[EncodedLength];
        encoded[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(encoded.AsSpan(1), Offset);
        BinaryPrimitives.WriteInt32BigEndian(encoded.AsSpan(9), Length);
        Key.CopyTo(encoded, 13);
        return encoded;
    }

    /// <summary>The plaintext's length, as an encoded place has it.</summary>
    public static int LengthIn(ReadOnlySpan<byte> encoded) => BinaryPrimitives.ReadInt32BigEndian(encoded[9..]);

    /// <exception cref="StoreDamagedException">The bytes are no place.</exception>
    public static ValuePlace Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != EncodedLength || encoded[0] != Version)
            throw new StoreDamagedException("Where a row lies in store/values was written by another version. Install that version, or restore a backup.");
        var (offset, length) = (BinaryPrimitives.ReadInt64BigEndian(encoded[1..]), BinaryPrimitives.ReadInt32BigEndian(encoded[9..]));
        return offset >= 0 && length >= 0
            ? new ValuePlace(offset, length, encoded[13..].ToArray())
            : throw new StoreDamagedException("Where a row lies in store/values was changed. Restore the newest backup.");
    }
}

