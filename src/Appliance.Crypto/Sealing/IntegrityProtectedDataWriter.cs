using System.Buffers;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;

namespace Appliance.Crypto.Sealing;

/// <summary>
/// Writes Symmetrically Encrypted Integrity Protected Data packets, version 1 (RFC 4880 §5.13), under one session key, one after the other: a random block and
/// its last two octets again, the content, and a SHA-1 over all of it (§5.14), under AES-256 in CFB mode with a zero IV. They are written piece by
/// piece, each encrypted where it lies, so no packet takes more memory than a piece does. One that could not be written whole disposes of the writer: its ciphers have stopped half way.
/// </summary>
internal sealed class IntegrityProtectedDataWriter : IDisposable
{
    private const int RoomLength = 64 * 1024; // the cipher finds in the processor's cache what the hash has read

    /// <summary>Whole blocks, with room behind them for a trailer and what fills its last block up.</summary>
    private const int PieceLength = RoomLength - 3 * IntegrityProtectedData.BlockLength;

    [ThreadStatic]
    private static Aes? _cfb;

    private readonly ICryptoTransform _encryptor;
    private readonly IncrementalHash _sha1;
    private byte[] _piece = ArrayPool<byte>.Shared.Rent(RoomLength);
    private int _filled;
    private int _hashed;

    /// <param name="key">AES-256's 32 bytes.</param>
    public IntegrityProtectedDataWriter(byte[] key)
    {
        _encryptor = (_cfb ??= Cfb()).CreateEncryptor(key, new byte[IntegrityProtectedData.BlockLength]);
        // SHA-1 is what SEIPDv1 has; under the encryption it detects changes, it does not have to resist collisions.
#pragma warning disable CA5350
        _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
    }

    /// <summary>How many bytes <see cref="WriteLiteral"/> writes.</summary>
    public static long LengthOf(PartName name, long length) => HeaderFor(LiteralHeader(name, length).Length + length).TotalLength;

    /// <summary>A packet around a literal data packet.</summary>
    /// <param name="block">The random block, where it is given: for test vectors.</param>
    public void WriteLiteral(PartName name, ReadOnlySequence<byte> plaintext, Action<ReadOnlySpan<byte>> output, ReadOnlySpan<byte> block = default) =>
        Write(LiteralHeader(name, plaintext.Length), plaintext, output, block);

    /// <summary>A packet around packets.</summary>
    public void WritePackets(ReadOnlyMemory<byte> packets, Action<ReadOnlySpan<byte>> output) => Write([], new ReadOnlySequence<byte>(packets), output, default);

    public void Dispose()
    {
        _encryptor.Dispose();
        _sha1.Dispose();
        if (_piece.Length > 0)
            ArrayPool<byte>.Shared.Return(_piece);
        _piece = []; // nobody gives it back twice
    }

    private void Write(ReadOnlySpan<byte> before, ReadOnlySequence<byte> content, Action<ReadOnlySpan<byte>> output, ReadOnlySpan<byte> block)
    {
        ObjectDisposedException.ThrowIf(_piece.Length == 0, this);
        var header = HeaderFor(before.Length + content.Length);
        Span<byte> start = stackalloc byte[header.HeaderLength + 1];
        header.Write(start);
        start[^1] = IntegrityProtectedData.Version;
        output(start);
        try
        {
            (_filled, _hashed) = (IntegrityProtectedData.PrefixLength, 0);
            if (block.IsEmpty)
                RandomBytes.Fill(_piece.AsSpan(0, IntegrityProtectedData.BlockLength));
            else
                block.CopyTo(_piece);
            _piece.AsSpan(IntegrityProtectedData.BlockLength - 2, 2).CopyTo(_piece.AsSpan(IntegrityProtectedData.BlockLength));
            Append(before, output);
            foreach (var memory in content)
                Append(memory.Span, output);
            _piece[_filled++] = IntegrityProtectedData.TrailerTag;
            _piece[_filled++] = IntegrityProtectedData.TrailerBodyLength;
            HashFilled();
            _filled += _sha1.GetHashAndReset(_piece.AsSpan(_filled));
            // .NET's CFB without padding takes whole blocks only; what it makes of the rest of the last one is nobody's.
            _encryptor.TransformBlock(_piece, 0, WholeBlocks(_filled), _piece, 0);
            _encryptor.TransformFinalBlock([], 0, 0); // back to the IV
            output(_piece.AsSpan(0, _filled));
        }
        catch
        {
            CryptographicOperations.ZeroMemory(_piece);
            Dispose();
            throw;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes, Action<ReadOnlySpan<byte>> output)
    {
        while (!bytes.IsEmpty)
        {
            if (_filled == PieceLength)
            {
                HashFilled();
                _encryptor.TransformBlock(_piece, 0, PieceLength, _piece, 0);
                output(_piece.AsSpan(0, PieceLength));
                (_filled, _hashed) = (0, 0);
            }
            var taken = Math.Min(bytes.Length, PieceLength - _filled);
            bytes[..taken].CopyTo(_piece.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
        }
    }

    private void HashFilled()
    {
        _sha1.AppendData(_piece, _hashed, _filled - _hashed);
        _hashed = _filled;
    }

    private static int WholeBlocks(int length) => (length + IntegrityProtectedData.BlockLength - 1) / IntegrityProtectedData.BlockLength * IntegrityProtectedData.BlockLength;

    private static PacketHeader HeaderFor(long contentLength)
    {
        var body = 1 + IntegrityProtectedData.PrefixLength + contentLength + IntegrityProtectedData.TrailerLength;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body, Array.MaxLength - 6);
        return PacketHeader.For(PacketHeader.IntegrityProtectedData, (int)body);
    }

    private static Aes Cfb()
    {
        var aes = Aes.Create();
        (aes.Mode, aes.FeedbackSize, aes.Padding) = (CipherMode.CFB, 8 * IntegrityProtectedData.BlockLength, PaddingMode.None);
        return aes;
    }

    // RFC 4880 §5.9: binary, the part's name as the file name, date 0.
    private static byte[] LiteralHeader(PartName part, long contentLength)
    {
        var name = part.ToBytes();
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
