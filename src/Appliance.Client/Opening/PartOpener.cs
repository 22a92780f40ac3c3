using System.Security.Cryptography;
using Appliance.Crypto.Formats;

namespace Appliance.Client.Opening;

/// <summary>
/// Opens one part: a SEIPD packet, version 1, around one literal packet (RFC 4880 §5.13–5.14, §5.9; docs/formats.md). Returns nothing until the
/// modification detection code is checked; refuses a part whose name is not the one asked for, and anything but one
/// binary literal inside.
/// </summary>
public static class PartOpener
{
    private static readonly byte[] ZeroIv = new byte[IntegrityProtectedData.BlockLength];

    /// <exception cref="SealBrokenException">The part is damaged, exchanged, or under another key.</exception>
    public static byte[] Open(SessionKey key, PartName name, ReadOnlySpan<byte> part)
    {
        if (!PacketHeader.TryRead(part, PacketHeader.IntegrityProtectedData, out var header)
            || header.BodyLength < 1 + IntegrityProtectedData.PrefixLength + IntegrityProtectedData.TrailerLength)
            throw Broken(name, "is not a sealed part");
        if (part[header.HeaderLength] != IntegrityProtectedData.Version)
            throw Broken(name, $"has version {part[header.HeaderLength]}, which is not known to this program");

        var clear = Decrypt(key, part[(header.HeaderLength + 1)..]);
        try
        {
            if (!IsIntact(clear))
                throw Broken(name, "does not open: it is damaged or belongs to another message");
            return Literal(name, clear.AsSpan(IntegrityProtectedData.PrefixLength..^IntegrityProtectedData.TrailerLength));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    private static byte[] Decrypt(SessionKey key, ReadOnlySpan<byte> sealedBytes)
    {
        using var aes = Aes.Create();
        aes.SetKey(key.Bytes);
        // .NET's CFB without padding takes whole blocks only; the last one is filled up for it and cut off again.
        var whole = sealedBytes.Length / IntegrityProtectedData.BlockLength * IntegrityProtectedData.BlockLength;
        var clear = GC.AllocateUninitializedArray<byte>(sealedBytes.Length);
        aes.DecryptCfb(sealedBytes[..whole], ZeroIv, clear.AsSpan(0, whole), PaddingMode.None, feedbackSizeInBits: 128);
        if (whole < sealedBytes.Length)
        {
            Span<byte> last = stackalloc byte[IntegrityProtectedData.BlockLength];
            sealedBytes[whole..].CopyTo(last);
            aes.DecryptCfb(last, sealedBytes.Slice(whole - last.Length, last.Length), last, PaddingMode.None, feedbackSizeInBits: 128);
            last[..(sealedBytes.Length - whole)].CopyTo(clear.AsSpan(whole));
            CryptographicOperations.ZeroMemory(last);
        }
        return clear;
    }

    // The quick check of the repeated octets is left out: the hash covers them, and checking them first would be an oracle.
    private static bool IsIntact(ReadOnlySpan<byte> clear)
    {
        var code = clear[^IntegrityProtectedData.TrailerLength..];
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // SEIPDv1's own hash
        SHA1.HashData(clear[..^SHA1.HashSizeInBytes], hash);
#pragma warning restore CA5350
        return CryptographicOperations.FixedTimeEquals(hash, code[2..])
            && code[0] == IntegrityProtectedData.TrailerTag
            && code[1] == IntegrityProtectedData.TrailerBodyLength;
    }

    private static byte[] Literal(PartName name, ReadOnlySpan<byte> packet)
    {
        var expected = name.ToBytes();
        if (!PacketHeader.TryRead(packet, PacketHeader.LiteralData, out var header))
            throw Broken(name, "holds something else than one literal packet");
        var body = packet[header.HeaderLength..];
        var fixedLength = 2 + expected.Length + 4;
        if (body.Length < fixedLength || body[0] != 'b' || body[1] != expected.Length || !body.Slice(2, expected.Length).SequenceEqual(expected))
            throw Broken(name, "carries the name of another part");
        return body[fixedLength..].ToArray();
    }

    private static SealBrokenException Broken(PartName name, string why) => new($"The part “{name}” {why}. " + SealBrokenException.Restore);
}
