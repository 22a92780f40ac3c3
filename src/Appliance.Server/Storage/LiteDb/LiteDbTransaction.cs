namespace Appliance.Server.Storage.LiteDb;

/// <summary>One work's view: the engine's rows under what the works of this group, itself included, have written.</summary>
internal sealed class LiteDbTransaction(LiteDbPages pages, Overlay overlay) : IStoreTransaction
{
    private bool _over;

    public T? Get<T>(Collection<T> collection, ReadOnlySpan<byte> key) where T : class
    {
        ThrowIfOver();
        var value = overlay.Of(collection.Name) is { } changes && changes.TryGetValue(key.ToArray(), out var change)
            ? change.Value
            : pages.Get(collection.Name, key);
        return value is null ? null : RowCodec.Read<T>(value);
    }

    public IReadOnlyList<T> Range<T>(
        Collection<T> collection, byte[] from, byte[] to, int limit, bool descending = false, string? index = null) where T : class
    {
        ThrowIfOver();
        var bounds = Bounds.Of(collection, from, to, limit, index);
        if (overlay.Of(collection.Name) is not { Count: > 0 } changes)
            return bounds.Read(pages, collection, limit, descending);

        // Each change can hide one stored row, so that many more are read.
        var stored = pages.Range(collection.Name, index, bounds.From, bounds.To, limit + changes.Count, descending)
            .Where(row => !changes.ContainsKey(row.Key));
        var written = changes
            .Where(change => change.Value.Value is not null)
            .Select(change => new RawRow(index is null ? change.Key : change.Value.Entries[index]!, change.Key, change.Value.Value!))
            .Where(row => row.Order is not null && bounds.Contain(row.Order));
        var all = stored.Concat(written);
        var ordered = descending
            ? all.OrderByDescending(row => row.Order, BytesComparer.Instance)
            : all.OrderBy(row => row.Order, BytesComparer.Instance);
        return ordered.Take(limit).Select(row => RowCodec.Read<T>(row.Value)).ToList();
    }

    public void Put<T>(Collection<T> collection, T row) where T : class => Write(collection, row, isNew: false);

    public void Add<T>(Collection<T> collection, T row) where T : class => Write(collection, row, isNew: true);

    public void Delete<T>(Collection<T> collection, ReadOnlySpan<byte> key) where T : class
    {
        ThrowIfOver();
        overlay.Set(collection.Name, key.ToArray(), new Change(null, collection.Indexes.Keys.ToDictionary(name => name, _ => (byte[]?)null), IsNew: false));
    }

    /// <summary>The work has returned: whatever kept the transaction finds it closed.</summary>
    public void End() => _over = true;

    private void Write<T>(Collection<T> collection, T row, bool isNew) where T : class
    {
        ThrowIfOver();
        var key = collection.Key(row);
        if (key.Length is 0 or > Limits.KeyBytes)
            throw new ArgumentException($"A key of {collection.Name} has {key.Length} bytes; 1 to {Limits.KeyBytes} are allowed.", nameof(row));
        var value = RowCodec.Write(row);
        if (value.Length > Limits.RowBytes)
            throw new ArgumentException($"A row of {collection.Name} has {value.Length} bytes; larger values are blobs.", nameof(row));
        var entries = new Dictionary<string, byte[]?>(collection.Indexes.Count);
        foreach (var (name, valueOf) in collection.Indexes)
        {
            var indexed = valueOf(row);
            if (indexed?.Length > Limits.KeyBytes)
                throw new ArgumentException(
                    $"Index {name} of {collection.Name} has {indexed.Length} bytes; at most {Limits.KeyBytes} are allowed.", nameof(row));
            entries[name] = indexed is null ? null : IndexEntry.Of(indexed, key);
        }
        overlay.Set(collection.Name, key, new Change(value, entries, isNew));
    }

    private void ThrowIfOver()
    {
        if (_over)
            throw new InvalidOperationException("A store transaction was used after its work had returned.");
    }
}
