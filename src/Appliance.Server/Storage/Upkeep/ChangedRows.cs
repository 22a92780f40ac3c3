using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>Which rows were written since a copy began. Filled by the writer, emptied by the copy.</summary>
internal sealed class ChangedRows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<byte[]>> _keys = [];

    public int Count
    {
        get
        {
            lock (_gate)
                return _keys.Values.Sum(keys => keys.Count);
        }
    }

    public void Add(Overlay written)
    {
        lock (_gate)
            foreach (var (collection, rows) in written.Collections)
            {
                if (!_keys.TryGetValue(collection, out var keys))
                    _keys[collection] = keys = new HashSet<byte[]>(BytesComparer.Instance);
                keys.UnionWith(rows.Keys);
            }
    }

    /// <summary>Takes up to <paramref name="limit"/> of them out; a row written again later comes again.</summary>
    public IReadOnlyList<(string Collection, byte[] Key)> Take(int limit)
    {
        lock (_gate)
        {
            var taken = _keys.SelectMany(keys => keys.Value.Select(key => (keys.Key, key))).Take(limit).ToList();
            foreach (var (collection, key) in taken)
                _keys[collection].Remove(key);
            return taken;
        }
    }
}
