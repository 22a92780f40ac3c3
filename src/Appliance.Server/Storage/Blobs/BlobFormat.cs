using System.Buffers.Binary;
using System.Security.Cryptography;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Blobs;

/// <summary>
/// A blob's file: version byte 1, then chunks of 64 KiB (the last may be shorter), each AES-256-GCM ciphertext ‖ tag 16. The nonce
/// is the chunk's number: the key is the blob's own. The tag also covers blob id ‖ plaintext length ‖ number, so chunks
/// cannot be moved, dropped or taken from another blob.
/// </summary>
internal static class BlobFormat
{
    public const int ChunkLength = 64 * 1024;
    private const int TagLength = 16;
    private const int SealedChunkLength = ChunkLength + TagLength;
    private const byte Version = 1;
    private const int CoveredLength = 16 + 8 + 4;

    public static void Write(BlobReference blob, IReadOnlyList<ReadOnlyMemory<byte>> parts, IPageFile file)
    {
        file.Write([Version], 0);
        using var cipher = new AesGcm(blob.Key, TagLength);
        var chunk = new byte[ChunkLength];
        var sealedChunk = new byte[SealedChunkLength];
        var filled = 0;
        var number = 0u;
        foreach (var part in parts)
        {
            for (var rest = part.Span; rest.Length > 0;)
            {
                if (filled == 0 && rest.Length >= ChunkLength)
                {
                    Seal(rest[..ChunkLength]);
                    rest = rest[ChunkLength..];
                    continue;
                }
                var taken = Math.Min(rest.Length, ChunkLength - filled);
                rest[..taken].CopyTo(chunk.AsSpan(filled));
                filled += taken;
                rest = rest[taken..];
                if (filled == ChunkLength)
                    SealFilled();
            }
        }
        if (filled > 0)
            SealFilled();
        CryptographicOperations.ZeroMemory(chunk);

        void SealFilled()
        {
            Seal(chunk.AsSpan(0, filled));
            filled = 0;
        }

        void Seal(ReadOnlySpan<byte> plain)
        {
            Span<byte> nonce = stackalloc byte[12];
            Span<byte> covered = stackalloc byte[CoveredLength];
            Name(blob, number, nonce, covered);
            cipher.Encrypt(nonce, plain, sealedChunk.AsSpan(0, plain.Length), sealedChunk.AsSpan(plain.Length, TagLength), covered);
            file.Write(sealedChunk.AsSpan(0, plain.Length + TagLength), 1 + (long)number * SealedChunkLength);
            number++;
        }
    }

    /// <summary>How long the file of a blob of this plaintext length is.</summary>
    public static long FileLength(long length) => 1 + length + (length + ChunkLength - 1) / ChunkLength * TagLength;

    /// <exception cref="CryptographicException">A chunk is not what was written.</exception>
    /// <exception cref="IOException">The file is shorter than it was, or could not be read.</exception>
    public static byte[] Read(BlobReference blob, IPageFile file, long offset, int length)
    {
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> covered = stackalloc byte[CoveredLength];
        Span<byte> version = stackalloc byte[1];
        if (file.Read(version, 0) != 1 || version[0] != Version)
            throw new CryptographicException("The blob's version is unknown.");
        var result = new byte[length];
        using var cipher = new AesGcm(blob.Key, TagLength);
        var sealedChunk = new byte[SealedChunkLength];
        var chunk = new byte[ChunkLength];
        for (var done = 0; done < length;)
        {
            var number = checked((uint)((offset + done) / ChunkLength));
            var plainLength = (int)Math.Min(ChunkLength, blob.Length - (long)number * ChunkLength);
            var sealedLength = plainLength + TagLength;
            if (file.Read(sealedChunk.AsSpan(0, sealedLength), 1 + (long)number * SealedChunkLength) != sealedLength)
                throw new EndOfStreamException("The blob is cut short.");
            Name(blob, number, nonce, covered);
            var plain = chunk.AsSpan(0, plainLength);
            cipher.Decrypt(nonce, sealedChunk.AsSpan(0, plainLength), sealedChunk.AsSpan(plainLength, TagLength), plain, covered);
            var from = (int)((offset + done) % ChunkLength);
            var taken = Math.Min(length - done, plainLength - from);
            plain.Slice(from, taken).CopyTo(result.AsSpan(done));
            done += taken;
        }
        return result;
    }

    private static void Name(BlobReference blob, uint number, Span<byte> nonce, Span<byte> covered)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], number);
        blob.Id.CopyTo(covered);
        BinaryPrimitives.WriteInt64BigEndian(covered[16..], blob.Length);
        BinaryPrimitives.WriteUInt32BigEndian(covered[24..], number);
    }
}
