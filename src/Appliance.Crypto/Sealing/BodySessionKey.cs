using System.Buffers;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;

namespace Appliance.Crypto.Sealing;

/// <summary>The random AES-256 key of one body (or one slip). Seals parts, one after the other, is wrapped for recipients, and is cleared when disposed.</summary>
public sealed class BodySessionKey : IDisposable
{
    private readonly byte[] _key;
    private readonly IntegrityProtectedDataWriter _writer;
    private IncrementalHash? _sha256;

    public BodySessionKey()
        : this(RandomBytes.Get(SessionKeyData.KeyLength))
    {
    }

    /// <param name="key">Taken over, and cleared on disposal.</param>
    internal BodySessionKey(byte[] key)
    {
        _key = key;
        _writer = new IntegrityProtectedDataWriter(key);
    }

    /// <summary>How long a segment is when it is sealed.</summary>
    /// <param name="length">Bytes of plaintext.</param>
    public static long SealedLength(int index, long length) => IntegrityProtectedDataWriter.LengthOf(PartName.Segment(index), length);

    /// <summary>One SEIPD packet holding the part. The plaintext is not kept.</summary>
    public byte[] Seal(PartName name, ReadOnlySequence<byte> plaintext) => Seal(name, plaintext, block: default);

    /// <param name="block">The random block, where it is given: for test vectors.</param>
    internal byte[] Seal(PartName name, ReadOnlySequence<byte> plaintext, ReadOnlySpan<byte> block)
    {
        var packet = new byte[IntegrityProtectedDataWriter.LengthOf(name, plaintext.Length)];
        var written = 0;
        _writer.WriteLiteral(
            name, plaintext,
            piece =>
            {
                piece.CopyTo(packet.AsSpan(written));
                written += piece.Length;
            },
            block);
        return packet;
    }

    /// <summary>The same of a segment, which the manifest lists.</summary>
    /// <param name="output">Is given the packet piece by piece.</param>
    public SealedPart SealSegment(int index, ReadOnlySequence<byte> plaintext, Action<ReadOnlySpan<byte>> output)
    {
        _sha256 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var memory in plaintext)
            _sha256.AppendData(memory.Span);
        var sha256 = _sha256.GetHashAndReset();
        var sealedLength = 0L;
        _writer.WriteLiteral(
            PartName.Segment(index), plaintext,
            piece =>
            {
                _sha256.AppendData(piece);
                sealedLength += piece.Length;
                output(piece);
            });
        return new SealedPart(plaintext.Length, sha256, sealedLength, _sha256.GetHashAndReset());
    }

    public KeyPacket WrapFor(RecipientKey recipient, KeyPacketOpens opens = KeyPacketOpens.Body) =>
        new(opens, KeyPacket.PkeskType, recipient.Suite, recipient.Wrap.Wrap(_key));

    /// <summary>One SEIPD packet around packets that are already formed, such as a signed message.</summary>
    internal byte[] SealPackets(ReadOnlyMemory<byte> packets)
    {
        var packet = new ArrayBufferWriter<byte>(packets.Length + 64);
        _writer.WritePackets(packets, piece => packet.Write(piece));
        return packet.WrittenSpan.ToArray();
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        _writer.Dispose();
        _sha256?.Dispose();
    }
}

/// <summary>A segment under its body's session key, with the hashes of both its forms for the manifest.</summary>
/// <param name="Length">Bytes of plaintext.</param>
/// <param name="Sha256">Of the plaintext.</param>
/// <param name="SealedLength">Bytes of the SEIPD packet.</param>
/// <param name="SealedSha256">Of the SEIPD packet.</param>
public sealed record SealedPart(long Length, byte[] Sha256, long SealedLength, byte[] SealedSha256);
