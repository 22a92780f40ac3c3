using System.Buffers;
using System.Security.Cryptography;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Blobs;

/// <summary>
/// Writes a blob's file (<see cref="BlobFormat"/>) from what it is given piece by piece. Chunks are encrypted into memory that begins at a page, and written from there as many
/// whole pages at a time as fit.
/// </summary>
internal sealed class BlobWriter : IDisposable
{
    private const int MostRoom = 1 << 20;
    private readonly BlobReference _blob;
    private readonly IPageFile _file;
    private readonly AesGcm _cipher;
    private readonly byte[] _array;
    private readonly MemoryHandle _pin;
    private readonly Memory<byte> _room;
    private long _written; // bytes of the file, whole pages
    private int _sealed; // bytes after them, in the room
    private int _filled; // bytes of the chunk that comes next, not encrypted yet, behind those
    private uint _number; // of that chunk
    private long _given;

    public unsafe BlobWriter(BlobReference blob, IPageFile file)
    {
        (_blob, _file) = (blob, file);
        _cipher = new AesGcm(blob.Key, BlobFormat.TagLength);
        _array = ArrayPool<byte>.Shared.Rent((int)Math.Min(MostRoom, BlobFormat.FileLength(blob.Length) + 2 * IPageFile.PageLength));
        _pin = _array.AsMemory().Pin();
        var before = -(int)((nuint)_pin.Pointer % IPageFile.PageLength) & (IPageFile.PageLength - 1);
        _room = _array.AsMemory(before, (_array.Length - before) / IPageFile.PageLength * IPageFile.PageLength);
        _room.Span[_sealed++] = BlobFormat.Version;
    }

    /// <summary>Of the chunk that comes next.</summary>
    private int ChunkLength => (int)Math.Min(_blob.Length - (long)_number * BlobFormat.ChunkLength, BlobFormat.ChunkLength);

    /// <exception cref="InvalidOperationException">The blob is given more bytes than it has.</exception>
    public void Write(ReadOnlySpan<byte> piece)
    {
        if ((_given += piece.Length) > _blob.Length)
            throw new InvalidOperationException($"A blob of {_blob.Length} bytes was given more.");
        while (!piece.IsEmpty)
        {
            var length = ChunkLength;
            if (_filled == 0 && _sealed + length + BlobFormat.TagLength > _room.Length)
                WritePages();
            var taken = Math.Min(piece.Length, length - _filled);
            var chunk = _room.Span.Slice(_sealed, length);
            if (taken == length)
                SealChunk(piece[..taken]);
            else
            {
                piece[..taken].CopyTo(chunk[_filled..]);
                _filled += taken;
                if (_filled == length)
                    SealChunk(chunk);
            }
            piece = piece[taken..];
        }
    }

    /// <exception cref="InvalidOperationException">The blob was given fewer bytes than it has.</exception>
    public void Finish()
    {
        if (_given != _blob.Length)
            throw new InvalidOperationException($"A blob of {_blob.Length} bytes was given {_given}.");
        WritePages();
        _file.Write(_room.Span[.._sealed], _written);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_room.Span.Slice(_sealed, _filled));
        _pin.Dispose();
        ArrayPool<byte>.Shared.Return(_array);
        _cipher.Dispose();
    }

    /// <param name="chunk">Elsewhere, or where it is encrypted to.</param>
    private void SealChunk(ReadOnlySpan<byte> chunk)
    {
        Span<byte> nonce = stackalloc byte[BlobFormat.NonceLength];
        Span<byte> covered = stackalloc byte[BlobFormat.CoveredLength];
        BlobFormat.Name(_blob, _number, nonce, covered);
        var sealedChunk = _room.Span.Slice(_sealed, chunk.Length + BlobFormat.TagLength);
        _cipher.Encrypt(nonce, chunk, sealedChunk[..chunk.Length], sealedChunk[chunk.Length..], covered);
        _sealed += sealedChunk.Length;
        _filled = 0;
        _number++;
    }

    private void WritePages()
    {
        var room = _room.Span;
        var whole = _sealed / IPageFile.PageLength * IPageFile.PageLength;
        _file.WritePages(room[..whole], _written);
        _written += whole;
        room[whole.._sealed].CopyTo(room);
        _sealed -= whole;
    }
}
