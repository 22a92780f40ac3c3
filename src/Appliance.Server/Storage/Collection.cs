using System.Collections.Immutable;
using System.Reflection;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Storage;

/// <summary>What an engine must know of a collection before its first row: the store is opened with all of them.</summary>
public interface ICollectionDeclaration
{
    string Name { get; }

    Type RowType { get; }

    IEnumerable<string> IndexNames { get; }

    /// <summary>The index that leads from a blob's id to the row that holds it; null when rows hold none.</summary>
    string? BlobIndex { get; }

    /// <summary>What an encoded row says of itself.</summary>
    /// <exception cref="StoreDamagedException">The bytes are not such a row.</exception>
    StoredRow Decode(byte[] encoded);
}

/// <summary>A row as its own content orders it: its key, its index entries, the blob it holds.</summary>
public sealed record StoredRow(byte[] Key, IndexEntries Entries, BlobReference? Blob);

/// <summary>
/// A collection as its feature declares it, once, beside the row type:
/// <c>Collection.Of&lt;MailboxRow&gt;(row =&gt; row.Id.Key())</c>. The name comes from the row's
/// <see cref="CollectionAttribute"/>.
/// </summary>
public sealed class Collection<T> : ICollectionDeclaration where T : class
{
    private const string BlobIndexName = "blob";
    private readonly Func<T, BlobReference?>? _blob;

    internal Collection(
        string name,
        Func<T, byte[]> key,
        ImmutableArray<(string Name, Func<T, byte[]?> ValueOf)> indexes,
        Func<T, BlobReference?>? blob = null,
        bool isCached = false) =>
        (Name, Key, Indexes, _blob, IsCached) = (name, key, indexes, blob, isCached);

    public string Name { get; }

    public Type RowType => typeof(T);

    public IEnumerable<string> IndexNames => Indexes.Select(index => index.Name);

    /// <summary>The row's key, at most 255 bytes.</summary>
    public Func<T, byte[]> Key { get; }

    /// <summary>Ordered, non-unique secondary indexes; a row whose value is null is not in the index.</summary>
    public ImmutableArray<(string Name, Func<T, byte[]?> ValueOf)> Indexes { get; }

    /// <summary>An engine may keep decoded rows.</summary>
    public bool IsCached { get; }

    public Collection<T> Index(string name, Func<T, byte[]?> value) =>
        new(Name, Key, Indexes.Add((name, value)), _blob, IsCached);

    /// <summary>Rows are small, immutable, of one instance for writer and readers, and read all the time: worth keeping in memory. Instants are kept as they were written until then, and of whole milliseconds later.</summary>
    public Collection<T> Cached() => new(Name, Key, Indexes, _blob, isCached: true);

    /// <summary>Rows hold blobs: the row is what keeps the file, and an index leads from the file to the row.</summary>
    public Collection<T> Blob(Func<T, BlobReference?> blob) => new(
        Name,
        Key,
        Indexes.Add((BlobIndexName, row => blob(row) is { } held ? Storage.Key.Of(held.Id) : null)),
        blob,
        IsCached);

    public string? BlobIndex => _blob is null ? null : BlobIndexName;

    public StoredRow Decode(byte[] encoded)
    {
        try
        {
            var row = RowCodec.Read<T>(encoded);
            var key = Key(row);
            return new StoredRow(key, EntriesOf(row, key, int.MaxValue), _blob?.Invoke(row));
        }
        catch (Exception incomplete) when (incomplete is NullReferenceException or ArgumentException)
        {
            throw new StoreDamagedException($"A {typeof(T).Name} lacks what it is found by. Restore a backup.", incomplete);
        }
    }

    /// <param name="key">The row's.</param>
    /// <param name="most">Bytes that an indexed value may have.</param>
    /// <exception cref="ArgumentException">One has more.</exception>
    public IndexEntries EntriesOf(T row, byte[] key, int most)
    {
        if (Indexes.IsEmpty)
            return default;
        var entries = new (string, byte[]?)[Indexes.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            var (index, valueOf) = Indexes[i];
            var value = valueOf(row);
            if (value?.Length > most)
                throw new ArgumentException($"Index {index} of {Name} has {value.Length} bytes; at most {most} are allowed.", nameof(row));
            entries[i] = (index, value is null ? null : IndexEntry.Of(value, key));
        }
        return new IndexEntries(entries);
    }
}

public static class Collection
{
    /// <exception cref="InvalidOperationException">The row type carries no <see cref="CollectionAttribute"/>.</exception>
    public static Collection<T> Of<T>(Func<T, byte[]> key) where T : class
    {
        var declared = typeof(T).GetCustomAttribute<CollectionAttribute>()
            ?? throw new InvalidOperationException($"{typeof(T).Name} is stored but declares no [Collection].");
        return new Collection<T>(declared.Name, key, []);
    }
}
