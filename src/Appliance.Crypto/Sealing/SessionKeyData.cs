using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Appliance.Crypto.Sealing;

/// <summary>What a PKESK encrypts: algorithm, session key, checksum (RFC 4880 §5.1). Only AES-256 is written and read.</summary>
internal static class SessionKeyData
{
    public const byte Aes256 = 9;
    public const int KeyLength = 32;
    public const int Length = 1 + KeyLength + 2;

    public static void Write(ReadOnlySpan<byte> sessionKey, Span<byte> data)
    {
        data[0] = Aes256;
        sessionKey.CopyTo(data[1..]);
        BinaryPrimitives.WriteUInt16BigEndian(data[(1 + KeyLength)..], Checksum(sessionKey));
    }

    public static bool TryRead(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> sessionKey)
    {
        sessionKey = default;
        if (data.Length != Length || data[0] != Aes256)
            return false;
        var key = data.Slice(1, KeyLength);
        Span<byte> checksum = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(checksum, Checksum(key));
        if (!CryptographicOperations.FixedTimeEquals(checksum, data[(1 + KeyLength)..]))
            return false;
        sessionKey = key;
        return true;
    }

    private static ushort Checksum(ReadOnlySpan<byte> key)
    {
        var sum = 0;
        foreach (var octet in key)
            sum += octet;
        return (ushort)sum;
    }
}
