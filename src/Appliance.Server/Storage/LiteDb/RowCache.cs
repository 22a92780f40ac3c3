namespace Appliance.Server.Storage.LiteDb;

/// <summary>
/// Decoded rows of collections that are read all the time (<see cref="Collection{T}.Cached"/>). A row that is written is forgotten before
/// anybody can see what was written, and known as it was written from then on.
/// </summary>
internal sealed class RowCache
{
    private const int MostRows = 20_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<byte[], object>> _collections = [];
    private int _rows;
    private long _writes;
    private bool _isWritten;

    /// <summary>The row, from here or as <paramref name="read"/> reads it.</summary>
    public T? Get<T>(Collection<T> collection, byte[] key, Func<string, byte[], byte[]?> read) where T : class
    {
        long writes;
        lock (_gate)
        {
            if (_collections.TryGetValue(collection.Name, out var rows) && rows.TryGetValue(key, out var known))
                return (T)known;
            writes = _writes;
        }
        if (read(collection.Name, key) is not { } value)
            return null;
        var row = RowCodec.Read<T>(value);
        lock (_gate)
            if (!_isWritten && writes == _writes) // else it may have been read before it was written
                Keep(collection.Name, key, row);
        return row;
    }

    /// <summary>Has <paramref name="write"/> show what a group wrote: whoever reads meanwhile reads past the cache.</summary>
    public void While(Overlay group, Action write)
    {
        lock (_gate)
        {
            _isWritten = true;
            foreach (var (name, changes) in group.Collections)
                if (_collections.TryGetValue(name, out var rows))
                    foreach (var key in changes.Keys)
                        _rows -= rows.Remove(key) ? 1 : 0;
        }
        var isShown = false;
        try
        {
            write();
            isShown = true;
        }
        finally
        {
            lock (_gate)
            {
                (_isWritten, _writes) = (false, _writes + 1);
                if (isShown)
                    KeepWritten(group);
            }
        }
    }

    private void KeepWritten(Overlay group)
    {
        foreach (var (name, changes) in group.Collections)
            foreach (var (key, change) in changes)
                if (change.Row is { } row)
                    Keep(name, key, row);
    }

    private void Keep(string collection, byte[] key, object row)
    {
        if (_rows >= MostRows)
        {
            _collections.Clear();
            _rows = 0;
        }
        if (!_collections.TryGetValue(collection, out var rows))
            _collections[collection] = rows = new Dictionary<byte[], object>(BytesComparer.Instance);
        _rows += rows.TryAdd(key, row) ? 1 : 0;
    }
}
