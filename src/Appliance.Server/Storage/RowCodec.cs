using System.Buffers;
using Appliance.Crypto.Formats;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Resolvers;

namespace Appliance.Server.Storage;

/// <summary>
/// Rows as MessagePack maps from property name to value, so fields can be added and dropped: unknown members are
/// ignored, missing ones keep their default. Ids are their 16 bytes, instants milliseconds since 1970 in UTC.
/// </summary>
internal static class RowCodec
{
    private static readonly MessagePackSerializerOptions Options =
        MessagePackSerializerOptions.Standard.WithResolver(new StoredTypes());

    public static byte[] Write<T>(T row) where T : class => MessagePackSerializer.Serialize(row, Options);

    /// <exception cref="StoreDamagedException">The bytes are not such a row.</exception>
    public static T Read<T>(byte[] bytes) where T : class
    {
        try
        {
            return MessagePackSerializer.Deserialize<T?>(bytes, Options) ?? throw new MessagePackSerializationException("The row is nil.");
        }
        catch (MessagePackSerializationException error)
        {
            throw new StoreDamagedException(
                $"A {typeof(T).Name} cannot be read. It was written by another version; install that version, or restore a backup.", error);
        }
    }

    private sealed class StoredTypes : IFormatterResolver
    {
        public IMessagePackFormatter<T>? GetFormatter<T>() => Cache<T>.Formatter;

        private static class Cache<T>
        {
            public static readonly IMessagePackFormatter<T>? Formatter =
                (IMessagePackFormatter<T>?)Special(typeof(T)) ?? ContractlessStandardResolverAllowPrivate.Instance.GetFormatter<T>();
        }

        private static object? Special(Type type)
        {
            if (type == typeof(ObjectId))
                return new ObjectIdFormatter();
            if (type == typeof(DateTimeOffset))
                return new InstantFormatter();
            if (Nullable.GetUnderlyingType(type) is { } underlying)
                return Activator.CreateInstance(typeof(NullableFormatter<>).MakeGenericType(underlying));
            return Array.Exists(type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IStrongId<>))
                ? Activator.CreateInstance(typeof(StrongIdFormatter<>).MakeGenericType(type))
                : null;
        }
    }

    private sealed class ObjectIdFormatter : IMessagePackFormatter<ObjectId>
    {
        public void Serialize(ref MessagePackWriter writer, ObjectId value, MessagePackSerializerOptions options)
        {
            writer.WriteBinHeader(ObjectId.ByteLength);
            value.CopyTo(writer.GetSpan(ObjectId.ByteLength));
            writer.Advance(ObjectId.ByteLength);
        }

        public ObjectId Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        {
            Span<byte> bytes = stackalloc byte[ObjectId.ByteLength];
            if (reader.ReadBytes() is not { Length: ObjectId.ByteLength } stored)
                throw new MessagePackSerializationException("An id is 16 bytes.");
            stored.CopyTo(bytes);
            return ObjectId.FromBytes(bytes);
        }
    }

    private sealed class StrongIdFormatter<T> : IMessagePackFormatter<T> where T : struct, IStrongId<T>
    {
        private static readonly ObjectIdFormatter Inner = new();

        public void Serialize(ref MessagePackWriter writer, T value, MessagePackSerializerOptions options) =>
            Inner.Serialize(ref writer, value.Value, options);

        public T Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
            T.From(Inner.Deserialize(ref reader, options));
    }

    private sealed class InstantFormatter : IMessagePackFormatter<DateTimeOffset>
    {
        public void Serialize(ref MessagePackWriter writer, DateTimeOffset value, MessagePackSerializerOptions options) =>
            writer.Write(value.ToUnixTimeMilliseconds());

        public DateTimeOffset Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
            DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64());
    }
}
