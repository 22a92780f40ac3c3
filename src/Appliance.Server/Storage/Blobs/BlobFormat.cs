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
    public const int NonceLength = 12;
    public const int TagLength = 16;
    public const int SealedChunkLength = ChunkLength + TagLength;
    public const byte Version = 1;
    public const int CoveredLength = 16 + 8 + 4;

    /// <summary>How long the file of a blob of this plaintext length is.</summary>
    public static long FileLength(long length) => 1 + length + (length + ChunkLength - 1) / ChunkLength * TagLength;

    /// <exception cref="CryptographicException">A chunk is not what was written.</exception>
    /// <exception cref="IOException">The file is shorter than it was, or could not be read.</exception>
    public static byte[] Read(BlobReference blob, IPageFile file, long offset, int length)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
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

    /// <summary>Makes a chunk's nonce, and what its tag covers beside it.</summary>
    public static void Name(BlobReference blob, uint number, Span<byte> nonce, Span<byte> covered)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], number);
        blob.Id.CopyTo(covered);
        BinaryPrimitives.WriteInt64BigEndian(covered[16..], blob.Length);
        BinaryPrimitives.WriteUInt32BigEndian(covered[24..], number);
    }
}
