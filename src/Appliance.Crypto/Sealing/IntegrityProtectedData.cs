using System.Buffers;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;

namespace Appliance.Crypto.Sealing;

/// <summary>
/// Writes Symmetrically Encrypted Integrity Protected Data packets, version 1 (RFC 4880 §5.13): a random block and its
/// last two octets again, the content, and a SHA-1 over all of it (§5.14), under AES-256 in CFB mode with a zero IV. The plaintext is laid out in
/// the array that is returned and encrypted where it lies, so no copy of it is left behind.
/// </summary>
internal static class IntegrityProtectedData
{
    public const byte Version = 1;
    public const int BlockLength = 16;
    public const int PrefixLength = BlockLength + 2;

    /// <summary>The Modification Detection Code packet's header and its SHA-1 (§5.14).</summary>
    public const int TrailerLength = 2 + SHA1.HashSizeInBytes;

    public const byte TrailerTag = 0xD3;
    public const byte TrailerBodyLength = 0x14;

    /// <summary>Makes an array for what is sealed.</summary>
    public static readonly Func<int, byte[]> Exactly = length => GC.AllocateUninitializedArray<byte>(length);

    [ThreadStatic]
    private static Aes? _cfb;

    /// <summary>Prepares a session key, for one part after the other.</summary>
    /// <param name="key">AES-256's 32 bytes.</param>
    public static ICryptoTransform Encryptor(byte[] key) => (_cfb ??= Cfb()).CreateEncryptor(key, new byte[BlockLength]);

    public static byte[] SealLiteral(ICryptoTransform key, PartName name, ReadOnlySequence<byte> plaintext, ReadOnlySpan<byte> block = default) =>
        SealLiteral(key, name, plaintext, Exactly, block).Array!;

    /// <param name="allocate">Makes an array of so many bytes, or more.</param>
    public static ArraySegment<byte> SealLiteral(ICryptoTransform key, PartName name, ReadOnlySequence<byte> plaintext, Func<int, byte[]> allocate, ReadOnlySpan<byte> block = default)
    {
        var literal = LiteralHeader(name.ToBytes(), plaintext.Length);
        var packet = Allocate(literal.Length + plaintext.Length, allocate, out var inner);
        try
        {
            literal.CopyTo(packet.AsSpan(inner));
            plaintext.CopyTo(packet.AsSpan(inner + literal.Length));
            Encrypt(key, packet, inner, block);
            return packet;
        }
        catch
        {
            CryptographicOperations.ZeroMemory(packet);
            throw;
        }
    }

    public static byte[] SealPackets(ICryptoTransform key, ReadOnlySpan<byte> packets)
    {
        var packet = Allocate(packets.Length, Exactly, out var inner);
        packets.CopyTo(packet.AsSpan(inner));
        Encrypt(key, packet, inner, default);
        return packet.Array!;
    }

    private static ArraySegment<byte> Allocate(long contentLength, Func<int, byte[]> allocate, out int contentOffset)
    {
        var body = 1 + PrefixLength + contentLength + TrailerLength;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body, Array.MaxLength - 6);
        var header = PacketHeader.For(PacketHeader.IntegrityProtectedData, (int)body);
        var packet = new ArraySegment<byte>(allocate(header.TotalLength), 0, header.TotalLength);
        header.Write(packet);
        packet[header.HeaderLength] = Version;
        contentOffset = header.HeaderLength + 1 + PrefixLength;
        return packet;
    }

    private static void Encrypt(ICryptoTransform key, ArraySegment<byte> packet, int contentOffset, ReadOnlySpan<byte> block)
    {
        var body = packet.AsSpan(contentOffset - PrefixLength);
        if (block.IsEmpty)
            RandomBytes.Fill(body[..BlockLength]);
        else
            block.CopyTo(body);
        body.Slice(BlockLength - 2, 2).CopyTo(body[BlockLength..]);
        body[^TrailerLength] = TrailerTag;
        body[^(TrailerLength - 1)] = TrailerBodyLength;
        // SHA-1 is what SEIPDv1 has; under the encryption it detects changes, it does not have to resist collisions.
#pragma warning disable CA5350
        SHA1.HashData(body[..^SHA1.HashSizeInBytes], body[^SHA1.HashSizeInBytes..]);
#pragma warning restore CA5350

        // .NET's CFB without padding takes whole blocks only.
        var (start, whole) = (contentOffset - PrefixLength, body.Length / BlockLength * BlockLength);
        key.TransformBlock(packet.Array!, start, whole, packet.Array!, start);
        var rest = body[whole..];
        if (!rest.IsEmpty)
        {
            var last = new byte[BlockLength];
            rest.CopyTo(last);
            key.TransformBlock(last, 0, BlockLength, last, 0);
            last.AsSpan(0, rest.Length).CopyTo(rest);
        }
        key.TransformFinalBlock([], 0, 0); // back to the IV
    }

    private static Aes Cfb()
    {
        var aes = Aes.Create();
        (aes.Mode, aes.FeedbackSize, aes.Padding) = (CipherMode.CFB, 8 * BlockLength, PaddingMode.None);
        return aes;
    }

    // RFC 4880 §5.9: binary, the part's name as the file name, date 0.
    private static byte[] LiteralHeader(byte[] name, long contentLength)
    {
        var fields = 2 + name.Length + 4;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contentLength, Array.MaxLength - 64);
        var header = PacketHeader.For(PacketHeader.LiteralData, fields + (int)contentLength);
        var bytes = new byte[header.HeaderLength + fields];
        header.Write(bytes);
        bytes[header.HeaderLength] = (byte)'b';
        bytes[header.HeaderLength + 1] = (byte)name.Length;
        name.CopyTo(bytes.AsSpan(header.HeaderLength + 2));
        return bytes;
    }
}
