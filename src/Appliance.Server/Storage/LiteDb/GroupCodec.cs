using System.Buffers;
using MessagePack;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>
/// What a group wrote, as the journal keeps it, in MessagePack: an array of collections, each [name, rows], each row [key, is it new, value or nil,
/// {index: entry or nil}].
/// </summary>
internal static class GroupCodec
{
    public static void Write(Overlay group, IBufferWriter<byte> output)
    {
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(group.Collections.Count);
        foreach (var (name, rows) in group.Collections)
        {
            writer.WriteArrayHeader(2);
            writer.Write(name);
            writer.WriteArrayHeader(rows.Count);
            foreach (var (key, change) in rows)
            {
                writer.WriteArrayHeader(4);
                writer.Write(key);
                writer.Write(change.IsNew);
                writer.Write(change.Value);
                writer.WriteMapHeader(change.Entries.Count);
                foreach (var (index, entry) in change.Entries)
                {
                    writer.Write(index);
                    writer.Write(entry);
                }
            }
        }
        writer.Flush();
    }

    /// <exception cref="StoreDamagedException">The bytes are no such group.</exception>
    public static Overlay Read(byte[] bytes)
    {
        try
        {
            var group = new Overlay();
            var reader = new MessagePackReader(bytes);
            for (var collections = reader.ReadArrayHeader(); collections > 0; collections--)
            {
                Expect(2, reader.ReadArrayHeader());
                var name = Required(reader.ReadString());
                for (var rows = reader.ReadArrayHeader(); rows > 0; rows--)
                {
                    Expect(4, reader.ReadArrayHeader());
                    var key = Required(Bytes(ref reader));
                    var isNew = reader.ReadBoolean();
                    var value = Bytes(ref reader);
                    var entries = new (string, byte[]?)[reader.ReadMapHeader()];
                    for (var i = 0; i < entries.Length; i++)
                        entries[i] = (Required(reader.ReadString()), Bytes(ref reader));
                    group.Set(name, key, new Change(value, new IndexEntries(entries), isNew));
                }
            }
            return group;
        }
        catch (Exception error) when (error is MessagePackSerializationException or EndOfStreamException or InvalidOperationException)
        {
            throw new StoreDamagedException("A group of store/journal cannot be read. It was written by another version; install that version, or restore a backup.", error);
        }
    }

    private static byte[]? Bytes(ref MessagePackReader reader) => reader.ReadBytes() is { } bytes ? bytes.ToArray() : null;

    private static T Required<T>(T? value) where T : class => value ?? throw new MessagePackSerializationException("A name or a key is nil.");

    private static void Expect(int count, int found)
    {
        if (found != count)
            throw new MessagePackSerializationException($"{found} parts instead of {count}.");
    }
}
