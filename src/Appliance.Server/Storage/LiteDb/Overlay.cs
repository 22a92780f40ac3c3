namespace Appliance.Server.Storage.LiteDb;

/// <summary>A row to be written: its encoded bytes (null: deleted) and its entry in each index of its collection.</summary>
/// <param name="IsNew">The engine holds no row of this key.</param>
/// <param name="Row">The row itself, of a collection that is cached.</param>
internal sealed record Change(byte[]? Value, IReadOnlyDictionary<string, byte[]?> Entries, bool IsNew, object? Row = null);

/// <summary>
/// What the works of one group have written so far, not yet in the engine. A work that throws is undone here, so
/// LiteDB never has to roll back.
/// </summary>
internal sealed class Overlay
{
    private readonly Dictionary<string, Dictionary<byte[], Change>> _collections = [];
    private readonly List<(Dictionary<byte[], Change> Rows, byte[] Key, Change? Before)> _undo = [];

    public IReadOnlyDictionary<string, Dictionary<byte[], Change>> Collections => _collections;

    public bool IsEmpty => _collections.Values.All(rows => rows.Count == 0);

    public IReadOnlyDictionary<byte[], Change>? Of(string collection) => _collections.GetValueOrDefault(collection);

    public void Set(string collection, byte[] key, Change change)
    {
        if (!_collections.TryGetValue(collection, out var rows))
            _collections[collection] = rows = new Dictionary<byte[], Change>(BytesComparer.Instance);
        var before = rows.GetValueOrDefault(key);
        _undo.Add((rows, key, before));
        rows[key] = before is null ? change : change with { IsNew = before.IsNew };
    }

    /// <summary>Keeps what the current work wrote.</summary>
    public void Keep() => _undo.Clear();

    /// <summary>Takes back what the current work wrote.</summary>
    public void Undo()
    {
        for (var i = _undo.Count - 1; i >= 0; i--)
        {
            var (rows, key, before) = _undo[i];
            if (before is null)
                rows.Remove(key);
            else
                rows[key] = before;
        }
        _undo.Clear();
    }
}
