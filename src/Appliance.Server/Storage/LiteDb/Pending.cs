namespace Appliance.Server.Storage.LiteDb;

/// <summary>Rows that were acknowledged, and are in the journal, but not in the engine yet. Immutable: a reader keeps the ones it began with.</summary>
/// <param name="feeds">How often feeding the engine had begun when it was empty last.</param>
internal sealed class Pending(int feeds)
{
    private const int Many = 1000;
    private const long Much = 4 << 20;
    private readonly Dictionary<string, Dictionary<byte[], Change>> _collections = [];
    private int _rows;
    private long _bytes; // written, so those of a row that changes often count each time

    public int Feeds => feeds;

    public bool IsEmpty => _rows == 0;

    /// <summary>Enough for feeding to be worth while. LiteDB searches its one index from the top for each row, and copies the pages it passes once for all of them.</summary>
    public bool IsLarge => _rows >= Many || _bytes >= Much;

    public IReadOnlyDictionary<string, Dictionary<byte[], Change>> Collections => _collections;

    public Dictionary<byte[], Change>? Of(string collection) => _collections.GetValueOrDefault(collection);

    /// <summary>What there is once a group is acknowledged too.</summary>
    public Pending With(Overlay group)
    {
        var next = new Pending(feeds) { _rows = _rows, _bytes = _bytes };
        foreach (var (name, rows) in _collections)
            next._collections[name] = rows;
        foreach (var (name, changes) in group.Collections)
        {
            var rows = With(name, changes);
            next._collections[name] = rows;
            next._rows += rows.Count - (Of(name)?.Count ?? 0);
            next._bytes += changes.Values.Sum(change => change.Value?.Length ?? 0);
        }
        return next;
    }

    /// <summary>The rows of one collection with more changes over them.</summary>
    public Dictionary<byte[], Change> With(string collection, IReadOnlyDictionary<byte[], Change> changes)
    {
        var rows = Of(collection) is { } before ? new Dictionary<byte[], Change>(before, BytesComparer.Instance) : new(BytesComparer.Instance);
        foreach (var (key, change) in changes)
            rows[key] = rows.TryGetValue(key, out var earlier) ? change with { IsNew = earlier.IsNew } : change;
        return rows;
    }

    /// <summary>The same, for an engine that may hold any of the rows.</summary>
    public Pending AsReplacements()
    {
        var next = new Pending(feeds) { _rows = _rows, _bytes = _bytes };
        foreach (var (name, rows) in _collections)
            next._collections[name] = rows.ToDictionary(row => row.Key, row => row.Value with { IsNew = false }, BytesComparer.Instance);
        return next;
    }
}
