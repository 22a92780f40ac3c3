using System.Buffers;
using System.Security.Cryptography;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Blobs;

/// <summary>Writes a blob's file (<see cref="BlobFormat"/>) from what it is given piece by piece. Of a piece, whole chunks are encrypted from where they lie.</summary>
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
                SealFilled();
            if (_filled == 0 && piece.Length > BlobFormat.ChunkLength)
            {
                SealChunk(piece[..BlobFormat.ChunkLength]);
                piece = piece[BlobFormat.ChunkLength..];
                continue;
            }
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
            SealFilled();
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chunk);
        ArrayPool<byte>.Shared.Return(_chunk);
        _cipher.Dispose();
    }

    private void SealFilled()
    {
        SealChunk(_chunk.AsSpan(0, _filled));
        _filled = 0;
    }

    /// <param name="chunk">Elsewhere, or at the beginning of <see cref="_chunk"/>, where it is encrypted to.</param>
    private void SealChunk(ReadOnlySpan<byte> chunk)
    {
        Span<byte> nonce = stackalloc byte[BlobFormat.NonceLength];
        Span<byte> covered = stackalloc byte[BlobFormat.CoveredLength];
        BlobFormat.Name(_blob, _number, nonce, covered);
        _cipher.Encrypt(nonce, chunk, _chunk.AsSpan(0, chunk.Length), _chunk.AsSpan(chunk.Length, BlobFormat.TagLength), covered);
        _file.Write(_chunk.AsSpan(0, chunk.Length + BlobFormat.TagLength), 1 + (long)_number * BlobFormat.SealedChunkLength);
        _number++;
    }
}
