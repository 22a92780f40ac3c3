using System.Buffers;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;

namespace Appliance.Crypto.Sealing;

/// <summary>The random AES-256 key of one body (or one slip). Seals parts, is wrapped for recipients, and is cleared when disposed.</summary>
public sealed class BodySessionKey : IDisposable
{
    private readonly byte[] _key;
    private readonly ICryptoTransform _encryptor;

    public BodySessionKey()
        : this(RandomBytes.Get(SessionKeyData.KeyLength))
    {
    }

    /// <param name="key">Taken over, and cleared on disposal.</param>
    internal BodySessionKey(byte[] key)
    {
        _key = key;
        _encryptor = IntegrityProtectedData.Encryptor(key);
    }

    /// <summary>One SEIPD packet holding the part. The plaintext is not kept.</summary>
    public byte[] Seal(PartName name, ReadOnlySequence<byte> plaintext) => IntegrityProtectedData.SealLiteral(_encryptor, name, plaintext);

    /// <summary>The same of a segment, which the manifest lists.</summary>
    /// <param name="allocate">Makes an array of so many bytes, or more, for it to lie in.</param>
    public SealedPart SealSegment(int index, ReadOnlySequence<byte> plaintext, Func<int, byte[]>? allocate = null)
    {
        ReadOnlyMemory<byte> sealedBytes = IntegrityProtectedData.SealLiteral(_encryptor, PartName.Segment(index), plaintext, allocate ?? IntegrityProtectedData.Exactly);
        return new SealedPart(sealedBytes, plaintext.Length, Sha256(plaintext), SHA256.HashData(sealedBytes.Span));
    }

    public KeyPacket WrapFor(RecipientKey recipient, KeyPacketOpens opens = KeyPacketOpens.Body) =>
        new(opens, KeyPacket.PkeskType, recipient.Suite, recipient.Wrap.Wrap(_key));

    /// <summary>One SEIPD packet around packets that are already formed, such as a signed message.</summary>
    internal byte[] SealPackets(ReadOnlySpan<byte> packets) => IntegrityProtectedData.SealPackets(_encryptor, packets);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        _encryptor.Dispose();
    }

    private static byte[] Sha256(ReadOnlySequence<byte> plaintext)
    {
        if (plaintext.IsSingleSegment)
            return SHA256.HashData(plaintext.FirstSpan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in plaintext)
            hash.AppendData(piece.Span);
        return hash.GetHashAndReset();
    }
}

/// <summary>A segment under its body's session key, with the hashes of both its forms for the manifest.</summary>
/// <param name="Sealed">The SEIPD packet.</param>
/// <param name="Length">Bytes of plaintext.</param>
/// <param name="Sha256">Of the plaintext.</param>
/// <param name="SealedSha256">Of <paramref name="Sealed"/>.</param>
public sealed record SealedPart(ReadOnlyMemory<byte> Sealed, long Length, byte[] Sha256, byte[] SealedSha256);
