namespace Appliance.Server.Storage.LiteDb;

/// <summary>One work's view: the current rows under what the works of this group, itself included, have written.</summary>
internal sealed class LiteDbTransaction(CurrentRows rows, Overlay overlay) : IStoreTransaction
{
    private bool _over;

    public T? Get<T>(Collection<T> collection, ReadOnlySpan<byte> key) where T : class
    {
        ThrowIfOver();
        var sought = key.ToArray();
        return overlay.Of(collection.Name) is not { } changes || !changes.TryGetValue(sought, out var change) ? rows.Get(collection, sought)
            : change.Value is null ? null
            : change.Row as T ?? RowCodec.Read<T>(change.Value);
    }

    public IReadOnlyList<T> Range<T>(
        Collection<T> collection, byte[] from, byte[] to, int limit, bool descending = false, string? index = null) where T : class
    {
        ThrowIfOver();
        var bounds = Bounds.Of(collection, from, to, limit, index);
        var found = overlay.Of(collection.Name) is { Count: > 0 } changes
            ? rows.Range(collection.Name, bounds, limit, descending, rows.Pending.With(collection.Name, changes))
            : rows.Range(collection.Name, bounds, limit, descending);
        return found.ConvertAll(row => RowCodec.Read<T>(row.Value));
    }

    public void Put<T>(Collection<T> collection, T row) where T : class => Write(collection, row, isNew: false);

    public void Add<T>(Collection<T> collection, T row) where T : class => Write(collection, row, isNew: true);

    public void Delete<T>(Collection<T> collection, ReadOnlySpan<byte> key) where T : class
    {
        ThrowIfOver();
        overlay.Set(collection.Name, key.ToArray(), new Change(null, IndexEntries.NoneIn(collection.IndexNames), IsNew: false));
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
        overlay.Set(collection.Name, key, new Change(value, collection.EntriesOf(row, key, Limits.KeyBytes), isNew, collection.IsCached ? row : null));
    }

    private void ThrowIfOver()
    {
        if (_over)
            throw new InvalidOperationException("A store transaction was used after its work had returned.");
    }
}
