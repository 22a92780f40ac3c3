using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Appliance.Crypto.Formats;
using MessagePack;

namespace Appliance.Server.Storage;

/// <summary>
/// How values of one type are kept in MessagePack: numbers, texts and bytes as themselves, ids as their 16 bytes, instants as milliseconds since
/// 1970 in UTC, an enum as its number, a list as an array, and a record as a map of its properties. It asks the type itself, once, and makes no code
/// while it runs: a native program cannot, and rows have few fields.
/// </summary>
[UnconditionalSuppressMessage("Trimming", "IL2067", Justification = KeptWhole)]
[UnconditionalSuppressMessage("Trimming", "IL2070", Justification = KeptWhole)]
[UnconditionalSuppressMessage("Trimming", "IL2077", Justification = KeptWhole)]
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = KeptWhole)]
internal abstract class StoredType
{
    private const string KeptWhole = "Rows and what they hold are types of this assembly, which Native.targets keeps whole; there are arrays of whatever they list.";

    private delegate void Writing<in T>(ref MessagePackWriter writer, T value);

    private delegate T Reading<out T>(ref MessagePackReader reader);

    private static readonly ConcurrentDictionary<Type, StoredType> Known = new()
    {
        [typeof(bool)] = new Scalar<bool>((ref writer, value) => writer.Write(value), (ref reader) => reader.ReadBoolean()),
        [typeof(int)] = new Scalar<int>((ref writer, value) => writer.Write(value), (ref reader) => reader.ReadInt32()),
        [typeof(uint)] = new Scalar<uint>((ref writer, value) => writer.Write(value), (ref reader) => reader.ReadUInt32()),
        [typeof(long)] = new Scalar<long>((ref writer, value) => writer.Write(value), (ref reader) => reader.ReadInt64()),
        [typeof(ulong)] = new Scalar<ulong>((ref writer, value) => writer.Write(value), (ref reader) => reader.ReadUInt64()),
        [typeof(string)] = new Scalar<string>((ref writer, value) => writer.Write(value), (ref reader) => reader.ReadString()!),
        [typeof(byte[])] = new Scalar<byte[]>((ref writer, value) => writer.Write(value), (ref reader) => reader.ReadBytes()!.Value.ToArray()),
        [typeof(ReadOnlyMemory<byte>)] = new Scalar<ReadOnlyMemory<byte>>((ref writer, value) => writer.Write(value.Span), (ref reader) => reader.ReadBytes()!.Value.ToArray()),
        [typeof(DateTimeOffset)] = new Scalar<DateTimeOffset>(
            (ref writer, value) => writer.Write(value.ToUnixTimeMilliseconds()), (ref reader) => DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64())),
        [typeof(ObjectId)] = new Scalar<ObjectId>(WriteId, ReadId),
        [typeof(AccountId)] = Id<AccountId>(),
        [typeof(SlotId)] = Id<SlotId>(),
        [typeof(MailboxId)] = Id<MailboxId>(),
        [typeof(FolderId)] = Id<FolderId>(),
        [typeof(MessageId)] = Id<MessageId>(),
        [typeof(BodyId)] = Id<BodyId>(),
    };

    /// <exception cref="NotSupportedException">Nothing says how such values are stored.</exception>
    public static StoredType Of(Type type) => Known.GetOrAdd(type, Make);

    /// <summary>Null is nil.</summary>
    public void Write(ref MessagePackWriter writer, object? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            WriteValue(ref writer, value);
    }

    public object? Read(ref MessagePackReader reader) => reader.TryReadNil() ? null : ReadValue(ref reader);

    protected abstract void WriteValue(ref MessagePackWriter writer, object value);

    protected abstract object ReadValue(ref MessagePackReader reader);

    private static StoredType Make(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying);
        if (type.IsEnum)
            return new Number(type);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return new Many(type.GenericTypeArguments[0]);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            return new Table(type);
        if (type.IsClass && type.GetMethod("<Clone>$") is not null)
            return new Map(type);
        throw new NotSupportedException($"Nothing says how a {type} is stored.");
    }

    private static Scalar<T> Id<T>() where T : struct, IStrongId<T> =>
        new((ref writer, id) => WriteId(ref writer, id.Value), (ref reader) => T.From(ReadId(ref reader)));

    private static void WriteId(ref MessagePackWriter writer, ObjectId id)
    {
        writer.WriteBinHeader(ObjectId.ByteLength);
        id.CopyTo(writer.GetSpan(ObjectId.ByteLength));
        writer.Advance(ObjectId.ByteLength);
    }

    private static ObjectId ReadId(ref MessagePackReader reader)
    {
        Span<byte> bytes = stackalloc byte[ObjectId.ByteLength];
        if (reader.ReadBytes() is not { Length: ObjectId.ByteLength } stored)
            throw new MessagePackSerializationException("An id is 16 bytes.");
        stored.CopyTo(bytes);
        return ObjectId.FromBytes(bytes);
    }

    private sealed class Scalar<T>(Writing<T> write, Reading<T> read) : StoredType where T : notnull
    {
        protected override void WriteValue(ref MessagePackWriter writer, object value) => write(ref writer, (T)value);

        protected override object ReadValue(ref MessagePackReader reader) => read(ref reader);
    }

    private sealed class Number(Type type) : StoredType
    {
        protected override void WriteValue(ref MessagePackWriter writer, object value) => writer.Write((int)value);

        protected override object ReadValue(ref MessagePackReader reader) => Enum.ToObject(type, reader.ReadInt32());
    }

    private sealed class Many(Type type) : StoredType
    {
        private readonly StoredType _item = Of(type);

        protected override void WriteValue(ref MessagePackWriter writer, object value)
        {
            var items = (IEnumerable)value;
            writer.WriteArrayHeader(value is ICollection collection ? collection.Count : items.Cast<object?>().Count());
            foreach (var item in items)
                _item.Write(ref writer, item);
        }

        protected override object ReadValue(ref MessagePackReader reader)
        {
            var items = Array.CreateInstance(type, reader.ReadArrayHeader());
            for (var i = 0; i < items.Length; i++)
                items.SetValue(_item.Read(ref reader), i);
            return items;
        }
    }

    private sealed class Table : StoredType
    {
        private readonly Type _type;
        private readonly StoredType _key, _value;

        public Table(Type type) => (_type, _key, _value) = (type, Of(type.GenericTypeArguments[0]), Of(type.GenericTypeArguments[1]));

        protected override void WriteValue(ref MessagePackWriter writer, object value)
        {
            var entries = (IDictionary)value;
            writer.WriteMapHeader(entries.Count);
            foreach (DictionaryEntry entry in entries)
            {
                _key.Write(ref writer, entry.Key);
                _value.Write(ref writer, entry.Value);
            }
        }

        protected override object ReadValue(ref MessagePackReader reader)
        {
            var entries = (IDictionary)Activator.CreateInstance(_type)!;
            for (var left = reader.ReadMapHeader(); left > 0; left--)
                entries.Add(_key.Read(ref reader)!, _value.Read(ref reader));
            return entries;
        }
    }

    private sealed class Map : StoredType
    {
        private readonly Type _type;
        private readonly ConstructorInfo? _constructor;
        private readonly Member[] _members;

        /// <summary>A property. What is asked of it at every row is asked once: a native program has to look names up.</summary>
        private sealed class Member(PropertyInfo property)
        {
            public string Name { get; } = property.Name;

            public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(property.Name);

            public StoredType Type { get; } = Of(property.PropertyType);

            public bool MayBeNull { get; } = !property.PropertyType.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null;

            public object? Get(object row) => property.GetValue(row);

            public void Set(object row, object? value) => property.SetValue(row, value);
        }

        public Map(Type type)
        {
            _type = type;
            _constructor = type.GetConstructor([]);
            _members = [.. type.GetProperties().Where(property => property.CanWrite && !property.GetMethod!.IsStatic).Select(property => new Member(property))];
        }

        protected override void WriteValue(ref MessagePackWriter writer, object value)
        {
            writer.WriteMapHeader(_members.Length);
            foreach (var member in _members)
            {
                writer.WriteString(member.Utf8);
                member.Type.Write(ref writer, member.Get(value));
            }
        }

        protected override object ReadValue(ref MessagePackReader reader)
        {
            // A record that is made of its properties in order has no defaults of its own.
            var row = _constructor?.Invoke(null) ?? RuntimeHelpers.GetUninitializedObject(_type);
            var next = 0; // as a row that this version wrote has them
            for (var left = reader.ReadMapHeader(); left > 0; left--)
            {
                if (Find(ref reader, next++) is not { } member)
                    reader.Skip();
                else if (member.Type.Read(ref reader) is { } value)
                    member.Set(row, value);
                else if (member.MayBeNull)
                    member.Set(row, null);
                else
                    throw new MessagePackSerializationException($"{member.Name} is nil.");
            }
            return row;
        }

        /// <returns>The member whose name comes next; null when there is none of that name.</returns>
        private Member? Find(ref MessagePackReader reader, int expected)
        {
            if (!reader.TryReadStringSpan(out var name))
                name = Encoding.UTF8.GetBytes(reader.ReadString() ?? "");
            if (expected < _members.Length && name.SequenceEqual(_members[expected].Utf8))
                return _members[expected];
            foreach (var member in _members)
                if (name.SequenceEqual(member.Utf8))
                    return member;
            return null;
        }
    }
}
