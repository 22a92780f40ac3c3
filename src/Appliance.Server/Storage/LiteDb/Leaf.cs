using System.Buffers;
using Appliance.Server.Storage.Values;
using MessagePack;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>A row in a leaf: its key, its encoded bytes and, as <see cref="Leaf"/> packs them, its entries in the indexes of its collection.</summary>
/// <param name="IsApart">The value lies in the value file, and here is its <see cref="ValuePlace"/>.</param>
internal readonly record struct LeafRow(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> Entries, bool IsApart = false)
{
    /// <summary>Where the value lies; null when it is here.</summary>
    /// <exception cref="StoreDamagedException">That cannot be read.</exception>
    public ValuePlace? Place => IsApart ? ValuePlace.Decode(Value.Span) : null;

    public int Length => Key.Length + Value.Length + Entries.Length;

    public int CompareKey(ReadOnlySpan<byte> key) => Key.Span.SequenceCompareTo(key);

    /// <summary>Its entry in each index that it is in.</summary>
    public IndexEntries ReadEntries()
    {
        var reader = new MessagePackReader(Entries);
        var entries = new (string, byte[]?)[reader.ReadMapHeader()];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = (Leaf.Required(reader.ReadString()), Leaf.Required(reader.ReadBytes()).ToArray());
        return new IndexEntries(entries);
    }
}

/// <summary>
/// Rows that lie together, as one of LiteDB's documents holds them, in MessagePack: each row [key, value or (extension 1) its place in the value file, {index: entry}], one after the other in order of
/// their keys. LiteDB searches its index from the top for each document, and makes an object of each node it passes; so rows come to it by the leaf.
/// </summary>
internal static class Leaf
{
    private const sbyte Place = 1;

    public static readonly ReadOnlyMemory<byte> NoEntries = new byte[] { 0x80 }; // an empty map

    /// <exception cref="StoreDamagedException">The bytes are no leaf.</exception>
    public static List<LeafRow> Read(byte[] packed)
    {
        var rows = new List<LeafRow>();
        for (var at = 0; at < packed.Length;)
            rows.Add(Next(packed, ref at));
        return rows;
    }

    /// <exception cref="StoreDamagedException">The bytes are no leaf.</exception>
    public static LeafRow? Find(byte[] packed, ReadOnlySpan<byte> key)
    {
        for (var at = 0; at < packed.Length;)
        {
            var row = Next(packed, ref at);
            if (row.CompareKey(key) is >= 0 and var order)
                return order == 0 ? row : null;
        }
        return null;
    }

    private static LeafRow Next(byte[] packed, ref int at)
    {
        try
        {
            var reader = new MessagePackReader(packed.AsMemory(at));
            if (reader.ReadArrayHeader() != 3)
                throw new MessagePackSerializationException("A row of a leaf has not three parts.");
            var key = Required(reader.ReadBytes()).First;
            var isApart = reader.NextMessagePackType == MessagePackType.Extension;
            var value = isApart ? ReadPlace(ref reader) : Required(reader.ReadBytes()).First;
            var (from, entries) = (at, (int)reader.Consumed);
            reader.Skip();
            at += (int)reader.Consumed;
            return new LeafRow(key, value, packed.AsMemory((from + entries)..at), isApart);
        }
        catch (Exception error) when (error is MessagePackSerializationException or EndOfStreamException)
        {
            throw new StoreDamagedException("Rows of the store cannot be read. They were written by another version; install that version, or restore a backup.", error);
        }
    }

    private static ReadOnlyMemory<byte> ReadPlace(ref MessagePackReader reader)
    {
        var extension = reader.ReadExtensionFormat();
        return extension.TypeCode == Place ? extension.Data.First : throw new MessagePackSerializationException($"A value has type {extension.TypeCode}.");
    }

    /// <param name="rows">In order of their keys.</param>
    /// <param name="buffer">Whatever is in it goes.</param>
    public static byte[] Write(IEnumerable<LeafRow> rows, ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        var writer = new MessagePackWriter(buffer);
        foreach (var row in rows)
        {
            writer.WriteArrayHeader(3);
            writer.Write(row.Key.Span);
            if (row.IsApart)
                writer.WriteExtensionFormat(new ExtensionResult(Place, new ReadOnlySequence<byte>(row.Value)));
            else
                writer.Write(row.Value.Span);
            writer.WriteRaw(row.Entries.Span);
        }
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <param name="buffer">Whatever is in it goes.</param>
    public static ReadOnlyMemory<byte> PackEntries(IndexEntries entries, ArrayBufferWriter<byte> buffer)
    {
        var count = 0;
        foreach (var (_, entry) in entries)
            count += entry is null ? 0 : 1;
        if (count == 0)
            return NoEntries;
        buffer.ResetWrittenCount();
        var writer = new MessagePackWriter(buffer);
        writer.WriteMapHeader(count);
        foreach (var (index, entry) in entries)
        {
            if (entry is null)
                continue;
            writer.Write(index);
            writer.Write(entry);
        }
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static T Required<T>(T? value) where T : class => value ?? throw new MessagePackSerializationException("A name is nil.");

    public static ReadOnlySequence<byte> Required(ReadOnlySequence<byte>? value) => value ?? throw new MessagePackSerializationException("A key, a value or an entry is nil.");
}
