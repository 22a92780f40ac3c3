using System.Buffers;
using MessagePack;

namespace Appliance.Server.Storage;

/// <summary>
/// Rows as MessagePack maps from property name to value, so fields can be added and dropped: unknown members are
/// ignored, missing ones keep their default. What a value of each type looks like says <see cref="StoredType"/>.
/// </summary>
internal static class RowCodec
{
    private const int KeptBuffer = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    public static byte[] Write<T>(T row) where T : class
    {
        var buffer = _buffer ?? new ArrayBufferWriter<byte>(KeptBuffer);
        _buffer = null; // should this fail half way
        var writer = new MessagePackWriter(buffer);
        Of<T>.Type.Write(ref writer, row);
        writer.Flush();
        var bytes = GC.AllocateUninitializedArray<byte>(buffer.WrittenCount);
        buffer.WrittenSpan.CopyTo(bytes);
        buffer.ResetWrittenCount();
        _buffer = buffer.Capacity <= KeptBuffer ? buffer : null;
        return bytes;
    }

    /// <exception cref="StoreDamagedException">The bytes are not such a row.</exception>
    public static T Read<T>(byte[] bytes) where T : class
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            return (T?)Of<T>.Type.Read(ref reader) ?? throw new MessagePackSerializationException("The row is nil.");
        }
        catch (Exception error) when (error is MessagePackSerializationException or EndOfStreamException or InvalidOperationException or OverflowException or ArgumentException)
        {
            throw new StoreDamagedException(
                $"A {typeof(T).Name} cannot be read. It was written by another version; install that version, or restore a backup.", error);
        }
    }

    private static class Of<T>
    {
        public static readonly StoredType Type = StoredType.Of(typeof(T));
    }
}
