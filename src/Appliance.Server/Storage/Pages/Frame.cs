using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Appliance.Crypto.Formats;

namespace Appliance.Server.Storage.Pages;

/// <summary>The fields of a frame that are authenticated but not secret.</summary>
/// <param name="Group">The group commit (or, in the data file, the last one the checkpoint holds) that wrote the page.</param>
/// <param name="Round">Counts checkpoints; log frames of an older round are over.</param>
/// <param name="Acknowledged">The last group that was acknowledged when this frame was written.</param>
internal readonly record struct FrameFields(ulong Group, ulong Round, ulong Acknowledged);

/// <summary>Which file a frame belongs to; part of what its tag covers.</summary>
internal enum PageFileKind : byte
{
    Data = 1,
    Log = 2,
    Mark = 3,
    Journal = 4,
    SecondJournal = 5,
}

/// <summary>
/// A sealed page as it lies on the disk. Big endian: version 2 ‖ key era 4 ‖ group 8 ‖ round 8 ‖ last group
/// acknowledged 8 ‖ nonce 12 ‖ ciphertext ‖ tag 16. AES-256-GCM; the tag also covers store id ‖ file kind ‖ page ‖ the
/// fields before the nonce, so no frame passes for another page, file, store or time. The key is
/// HKDF-SHA-256(store key, salt = store id, file kind and era). An era is 65,536 rounds, which keeps the random nonces
/// of one key far below 2³². Not thread-safe: each stream has its own.
/// </summary>
internal sealed class FrameSealer(byte[] storeKey, byte[] storeId, PageFileKind kind) : IDisposable
{
    public const int Overhead = HeaderLength + TagLength;
    private const ushort Version = 1;
    private const int FieldsLength = 2 + 4 + 8 + 8 + 8;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = FieldsLength + NonceLength;
    private readonly Dictionary<uint, AesGcm> _ciphers = [];

    public static uint EraOf(ulong round) => (uint)(round >> 16) + 1;

    /// <summary>The group a frame claims to be of, before it is opened.</summary>
    public static ulong GroupOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt64BigEndian(frame[6..]);

    public void Seal(FrameFields fields, uint page, ReadOnlySpan<byte> plaintext, Span<byte> frame)
    {
        var era = EraOf(fields.Round);
        BinaryPrimitives.WriteUInt16BigEndian(frame, Version);
        BinaryPrimitives.WriteUInt32BigEndian(frame[2..], era);
        BinaryPrimitives.WriteUInt64BigEndian(frame[6..], fields.Group);
        BinaryPrimitives.WriteUInt64BigEndian(frame[14..], fields.Round);
        BinaryPrimitives.WriteUInt64BigEndian(frame[22..], fields.Acknowledged);
        var nonce = frame.Slice(FieldsLength, NonceLength);
        RandomBytes.Fill(nonce);
        Span<byte> covered = stackalloc byte[CoveredLength];
        Cover(covered, page, frame);
        CipherOf(era).Encrypt(nonce, plaintext, frame.Slice(HeaderLength, plaintext.Length), frame[^TagLength..], covered);
    }

    /// <summary>Opens a frame; false when it is not, bit for bit, what was sealed for this page.</summary>
    public bool TryOpen(uint page, ReadOnlySpan<byte> frame, Span<byte> plaintext, out FrameFields fields)
    {
        fields = default;
        if (BinaryPrimitives.ReadUInt16BigEndian(frame) != Version)
            return false;
        var era = BinaryPrimitives.ReadUInt32BigEndian(frame[2..]);
        var claimed = new FrameFields(
            GroupOf(frame),
            BinaryPrimitives.ReadUInt64BigEndian(frame[14..]),
            BinaryPrimitives.ReadUInt64BigEndian(frame[22..]));
        if (era != EraOf(claimed.Round)) // also keeps random bytes from deriving keys without end
            return false;
        Span<byte> covered = stackalloc byte[CoveredLength];
        Cover(covered, page, frame);
        try
        {
            CipherOf(era).Decrypt(
                frame.Slice(FieldsLength, NonceLength), frame[HeaderLength..^TagLength], frame[^TagLength..], plaintext, covered);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        fields = claimed;
        return true;
    }

    public void Dispose()
    {
        foreach (var cipher in _ciphers.Values)
            cipher.Dispose();
        _ciphers.Clear();
    }

    private int CoveredLength => storeId.Length + 1 + sizeof(uint) + FieldsLength;

    private void Cover(Span<byte> covered, uint page, ReadOnlySpan<byte> frame)
    {
        storeId.CopyTo(covered);
        covered[storeId.Length] = (byte)kind;
        BinaryPrimitives.WriteUInt32BigEndian(covered[(storeId.Length + 1)..], page);
        frame[..FieldsLength].CopyTo(covered[(storeId.Length + 5)..]);
    }

    private AesGcm CipherOf(uint era)
    {
        if (_ciphers.TryGetValue(era, out var cipher))
            return cipher;
        if (_ciphers.Count >= 64) // frames forged or scrambled: their eras must not fill memory
            Dispose();
        var key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, storeKey, 32, storeId, Encoding.ASCII.GetBytes($"appliance/store/v1/{kind}/{era}"));
        cipher = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        return _ciphers[era] = cipher;
    }
}
