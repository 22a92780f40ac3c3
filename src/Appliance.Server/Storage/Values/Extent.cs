using System.Buffers.Binary;

namespace Appliance.Server.Storage.Values;

/// <summary>A stretch of the value file, in bytes.</summary>
internal readonly record struct Extent(long Offset, long Length)
{
    public long End => Offset + Length;
}

/// <summary>
/// An extent as the engine lists those that are not free: the offset's 8 bytes lead to the length's 8, both big endian, and a byte that says whether it was released. One that
/// was released has yet to be wiped.
/// </summary>
internal readonly record struct ListedExtent(Extent Extent, bool IsReleased)
{
    public byte[] Key
    {
        get
        {
            var key = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(key, Extent.Offset);
            return key;
        }
    }

    public byte[] Value
    {
        get
        {
            var value = new byte[sizeof(long) + 1];
            BinaryPrimitives.WriteInt64BigEndian(value, Extent.Length);
            value[^1] = IsReleased ? (byte)1 : (byte)0;
            return value;
        }
    }

    /// <exception cref="StoreDamagedException">The bytes are none.</exception>
    public static ListedExtent Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => key.Length == sizeof(long) && value.Length == sizeof(long) + 1 && value[^1] <= 1
        ? new(new Extent(BinaryPrimitives.ReadInt64BigEndian(key), BinaryPrimitives.ReadInt64BigEndian(value)), value[^1] == 1)
        : throw new StoreDamagedException("The list of what store/values holds was changed. Restore the newest backup.");
}
