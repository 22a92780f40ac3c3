using System.Buffers.Binary;
using System.Text;
using Appliance.Crypto.Formats;

namespace Appliance.Server.Storage;

/// <summary>Builds keys whose <c>memcmp</c> order is the order of their parts.</summary>
public static class Key
{
    /// <summary>Sorts after every key (keys are UTF-8, ids or numbers; at most 255 bytes).</summary>
    public static byte[] Last { get; } = [.. Enumerable.Repeat(byte.MaxValue, 48)];

    public static byte[] Of(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Of(ObjectId id) => id.ToBytes();

    public static byte[] Of(ObjectId first, ObjectId second)
    {
        var key = new byte[2 * ObjectId.ByteLength];
        first.CopyTo(key);
        second.CopyTo(key.AsSpan(ObjectId.ByteLength));
        return key;
    }

    /// <summary>The first key that sorts after this one.</summary>
    public static byte[] After(byte[] key) => [.. key, 0];

    /// <summary>The id as a prefix: the last key that begins with it.</summary>
    public static byte[] LastOf(ObjectId id) => [.. id.ToBytes(), .. Last];

    public static byte[] Of(ObjectId first, ObjectId second, uint number)
    {
        var key = new byte[2 * ObjectId.ByteLength + sizeof(uint)];
        first.CopyTo(key);
        second.CopyTo(key.AsSpan(ObjectId.ByteLength));
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(2 * ObjectId.ByteLength), number);
        return key;
    }

    /// <summary>An instant as unsigned milliseconds, so that earlier sorts first.</summary>
    public static byte[] Of(DateTimeOffset instant)
    {
        var key = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(key, instant.ToUnixTimeMilliseconds());
        return key;
    }
}
