using System.Buffers;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;

namespace Appliance.Crypto.Sealing;

/// <summary>
/// Writes Symmetrically Encrypted Integrity Protected Data packets, version 1 (RFC 4880 §5.13): a random block and its last two octets again,
/// the content, and a SHA-1 over all of it (§5.14), under AES-256 in CFB mode with a zero IV. A packet is laid out in clear where it is to lie, and then encrypted there.
/// </summary>
internal static class IntegrityProtectedDataWriter
{
    /// <summary>Bytes of a packet around a literal data packet.</summary>
    public static int LengthOf(PartName name, long length) => LengthOf(LiteralFor(name, length).TotalLength);

    /// <summary>Bytes of a packet around packets.</summary>
    public static int LengthOf(int length) => HeaderFor(length).TotalLength;

    /// <summary>Lays out a packet around a literal data packet.</summary>
    /// <param name="packet"><see cref="LengthOf(PartName, long)"/> bytes.</param>
    /// <param name="block">The random block, where it is given: for test vectors.</param>
    /// <returns>Where the content lies in it.</returns>
    public static ReadOnlySpan<byte> LayOut(Span<byte> packet, PartName name, ReadOnlySequence<byte> content, ReadOnlySpan<byte> block = default)
    {
        // RFC 4880 §5.9: binary, the part's name as the file name, date 0.
        var literal = LiteralFor(name, content.Length);
        var rest = Begin(packet, literal.TotalLength, block);
        literal.Write(rest);
        rest = rest[literal.HeaderLength..];
        rest[0] = (byte)'b';
        rest[1] = (byte)name.Length;
        name.CopyTo(rest[2..]);
        rest.Slice(2 + name.Length, 4).Clear();
        var place = rest.Slice(6 + name.Length, (int)content.Length);
        content.CopyTo(place);
        End(packet);
        return place;
    }

    /// <summary>Lays out a packet around packets.</summary>
    /// <param name="packet"><see cref="LengthOf(int)"/> bytes.</param>
    public static void LayOut(Span<byte> packet, ReadOnlySpan<byte> packets)
    {
        packets.CopyTo(Begin(packet, packets.Length, block: default));
        End(packet);
    }

    /// <param name="key">AES-256's 32 bytes.</param>
    public static void Encrypt(ReadOnlySpan<byte> key, Span<byte> packet) => AesCfb.Encrypt(key, EncryptedIn(packet));

    /// <summary>Encrypts four packets in step, which is faster where they are about as long.</summary>
    /// <param name="key">AES-256's 32 bytes.</param>
    public static void Encrypt(ReadOnlySpan<byte> key, Span<byte> first, Span<byte> second, Span<byte> third, Span<byte> fourth) =>
        AesCfb.Encrypt(key, EncryptedIn(first), EncryptedIn(second), EncryptedIn(third), EncryptedIn(fourth));

    /// <returns>What follows the prefix.</returns>
    private static Span<byte> Begin(Span<byte> packet, int length, ReadOnlySpan<byte> block)
    {
        var header = HeaderFor(length);
        header.Write(packet);
        packet[header.HeaderLength] = IntegrityProtectedData.Version;
        var prefix = packet.Slice(header.HeaderLength + 1, IntegrityProtectedData.PrefixLength);
        var random = prefix[..IntegrityProtectedData.BlockLength];
        if (block.IsEmpty)
            RandomBytes.Fill(random);
        else
            block.CopyTo(random);
        random[^2..].CopyTo(prefix[IntegrityProtectedData.BlockLength..]);
        return packet[(header.HeaderLength + 1 + prefix.Length)..];
    }

    private static void End(Span<byte> packet)
    {
        var trailer = packet[^IntegrityProtectedData.TrailerLength..];
        trailer[0] = IntegrityProtectedData.TrailerTag;
        trailer[1] = IntegrityProtectedData.TrailerBodyLength;
        // SHA-1 is what SEIPDv1 has; under the encryption it detects changes, it does not have to resist collisions.
#pragma warning disable CA5350
        SHA1.HashData(EncryptedIn(packet)[..^SHA1.HashSizeInBytes], trailer[2..]);
#pragma warning restore CA5350
    }

    private static Span<byte> EncryptedIn(Span<byte> packet)
    {
        if (!PacketHeader.TryRead(packet, PacketHeader.IntegrityProtectedData, out var header))
            throw new ArgumentException("The packet was not laid out.", nameof(packet));
        return packet[(header.HeaderLength + 1)..];
    }

    private static PacketHeader HeaderFor(int contentLength)
    {
        var body = 1L + IntegrityProtectedData.PrefixLength + contentLength + IntegrityProtectedData.TrailerLength;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body, Array.MaxLength - 6);
        return PacketHeader.For(PacketHeader.IntegrityProtectedData, (int)body);
    }

    private static PacketHeader LiteralFor(PartName name, long contentLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contentLength, Array.MaxLength - 64);
        return PacketHeader.For(PacketHeader.LiteralData, 2 + name.Length + 4 + (int)contentLength);
    }
}
