using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Appliance.EndToEnd.Traffic;

/// <summary>Bytes that look random and are the same in every run: SHA-256 of a seed and a counter.</summary>
public sealed class SeededBytes(string seed)
{
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly byte[] _input = [.. SHA256.HashData(Encoding.UTF8.GetBytes(seed)), .. new byte[8]];
    private readonly byte[] _block = new byte[SHA256.HashSizeInBytes];
    private int _used = SHA256.HashSizeInBytes;
    private long _counter;

    public byte[] Next(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            if (_used == _block.Length)
            {
                BinaryPrimitives.WriteInt64BigEndian(_input.AsSpan(SHA256.HashSizeInBytes), _counter++);
                SHA256.HashData(_input, _block);
                _used = 0;
            }
            var piece = Math.Min(count - at, _block.Length - _used);
            _block.AsSpan(_used, piece).CopyTo(bytes.AsSpan(at));
            _used += piece;
            at += piece;
        }
        return bytes;
    }

    /// <summary>A number below <paramref name="limit"/>.</summary>
    public int Below(int limit) => (int)(BinaryPrimitives.ReadUInt32BigEndian(Next(4)) % (uint)limit);

    /// <summary>24 characters that stand nowhere by chance.</summary>
    public string Mark() => string.Concat(Next(24).Select(value => Base32[value % 32]));
}
