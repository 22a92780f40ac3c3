using System.Buffers;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;

namespace Appliance.Crypto.Sealing;

/// <summary>The random AES-256 key of one body (or one slip). Seals parts, one after the other, is wrapped for recipients, and is cleared when disposed.</summary>
public sealed class BodySessionKey : IDisposable
{
    /// <summary>As many segments are sealed in step.</summary>
    public const int SegmentsInStep = AesCfb.InStep;

    private readonly byte[] _key;
    private bool _isDisposed;

    public BodySessionKey()
        : this(RandomBytes.Get(SessionKeyData.KeyLength))
    {
    }

    /// <param name="key">Taken over, and cleared on disposal.</param>
    internal BodySessionKey(byte[] key) => _key = key;

    private byte[] Key
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _key;
        }
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
        IntegrityProtectedDataWriter.LayOut(packet, name, plaintext, block);
        IntegrityProtectedDataWriter.Encrypt(Key, packet);
        return packet;
    }

    /// <summary>The same of segments, which the manifest lists: of <see cref="SegmentsInStep"/>, which takes least time when they are about as long, or of fewer.</summary>
    /// <param name="index">Of the first.</param>
    /// <param name="output">Is given the packets, one behind the other.</param>
    public SealedPart[] SealSegments(int index, ReadOnlySpan<ReadOnlySequence<byte>> plaintexts, Action<ReadOnlySpan<byte>> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintexts.Length, SegmentsInStep);
        Span<int> starts = stackalloc int[plaintexts.Length + 1];
        for (var i = 0; i < plaintexts.Length; i++)
            starts[i + 1] = checked(starts[i] + (int)SealedLength(index + i, plaintexts[i].Length));
        var room = ArrayPool<byte>.Shared.Rent(starts[^1]);
        var packets = room.AsSpan(0, starts[^1]);
        var areSealed = false;
        try
        {
            var hashes = new byte[plaintexts.Length][];
            for (var i = 0; i < plaintexts.Length; i++)
                hashes[i] = SHA256.HashData(IntegrityProtectedDataWriter.LayOut(packets[starts[i]..starts[i + 1]], PartName.Segment(index + i), plaintexts[i]));
            EncryptSegments(packets, starts);
            areSealed = true;
            output(packets);
            var parts = new SealedPart[plaintexts.Length];
            for (var i = 0; i < parts.Length; i++)
                parts[i] = new SealedPart(plaintexts[i].Length, hashes[i], starts[i + 1] - starts[i], SHA256.HashData(packets[starts[i]..starts[i + 1]]));
            return parts;
        }
        finally
        {
            if (!areSealed)
                CryptographicOperations.ZeroMemory(packets);
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    public KeyPacket WrapFor(RecipientKey recipient, KeyPacketOpens opens = KeyPacketOpens.Body) =>
        new(opens, KeyPacket.PkeskType, recipient.Suite, recipient.Wrap.Wrap(Key));

    /// <summary>One SEIPD packet around packets that are already formed, such as a signed message.</summary>
    internal byte[] SealPackets(ReadOnlySpan<byte> packets)
    {
        var packet = new byte[IntegrityProtectedDataWriter.LengthOf(packets.Length)];
        IntegrityProtectedDataWriter.LayOut(packet, packets);
        IntegrityProtectedDataWriter.Encrypt(Key, packet);
        return packet;
    }

    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_key);
    }

    private void EncryptSegments(Span<byte> packets, ReadOnlySpan<int> starts)
    {
        if (starts is [_, var second, var third, var fourth, _])
        {
            IntegrityProtectedDataWriter.Encrypt(Key, packets[..second], packets[second..third], packets[third..fourth], packets[fourth..]);
            return;
        }
        for (var i = 1; i < starts.Length; i++)
            IntegrityProtectedDataWriter.Encrypt(Key, packets[starts[i - 1]..starts[i]]);
    }
}

/// <summary>A segment under its body's session key, with the hashes of both its forms for the manifest.</summary>
/// <param name="Length">Bytes of plaintext.</param>
/// <param name="Sha256">Of the plaintext.</param>
/// <param name="SealedLength">Bytes of the SEIPD packet.</param>
/// <param name="SealedSha256">Of the SEIPD packet.</param>
public sealed record SealedPart(long Length, byte[] Sha256, long SealedLength, byte[] SealedSha256);
