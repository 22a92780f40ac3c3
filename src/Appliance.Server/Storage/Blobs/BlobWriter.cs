using System.Buffers;
using System.Security.Cryptography;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Blobs;

/// <summary>Writes a blob's file (<see cref="BlobFormat"/>) from what it is given piece by piece. Each chunk is encrypted where it lies.</summary>
internal sealed class BlobWriter : IDisposable
{
    private readonly BlobReference _blob;
    private readonly IPageFile _file;
    private readonly AesGcm _cipher;
    private readonly byte[] _chunk = ArrayPool<byte>.Shared.Rent(BlobFormat.SealedChunkLength);
    private int _filled;
    private uint _number;

    public BlobWriter(BlobReference blob, IPageFile file)
    {
        (_blob, _file) = (blob, file);
        _cipher = new AesGcm(blob.Key, BlobFormat.TagLength);
        file.Write([BlobFormat.Version], 0);
    }

    public void Write(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            if (_filled == BlobFormat.ChunkLength)
                SealChunk();
            var taken = Math.Min(piece.Length, BlobFormat.ChunkLength - _filled);
            piece[..taken].CopyTo(_chunk.AsSpan(_filled));
            _filled += taken;
            piece = piece[taken..];
        }
    }

    /// <exception cref="InvalidOperationException">The blob was given fewer bytes than it has, or more.</exception>
    public void Finish()
    {
        var length = (long)_number * BlobFormat.ChunkLength + _filled;
        if (length != _blob.Length)
            throw new InvalidOperationException($"A blob of {_blob.Length} bytes was given {length}.");
        if (_filled > 0)
            SealChunk();
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chunk);
        ArrayPool<byte>.Shared.Return(_chunk);
        _cipher.Dispose();
    }

    private void SealChunk()
    {
        Span<byte> nonce = stackalloc byte[BlobFormat.NonceLength];
        Span<byte> covered = stackalloc byte[BlobFormat.CoveredLength];
        BlobFormat.Name(_blob, _number, nonce, covered);
        var chunk = _chunk.AsSpan(0, _filled);
        _cipher.Encrypt(nonce, chunk, chunk, _chunk.AsSpan(_filled, BlobFormat.TagLength), covered);
        _file.Write(_chunk.AsSpan(0, _filled + BlobFormat.TagLength), 1 + (long)_number * BlobFormat.SealedChunkLength);
        (_number, _filled) = (_number + 1, 0);
    }
}
