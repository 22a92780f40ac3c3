using Appliance.Server.Storage.Values;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>A row to be written: its encoded bytes (null: deleted) and its entry in each index of its collection.</summary>
/// <param name="IsNew">The engine holds no row of this key.</param>
/// <param name="Row">The row itself, of a collection that is cached.</param>
/// <param name="IsApart">The encoded bytes lie in the value file, and <paramref name="Value"/> is their <see cref="ValuePlace"/>.</param>
internal sealed record Change(byte[]? Value, IndexEntries Entries, bool IsNew, object? Row = null, bool IsApart = false)
{
    /// <summary>Of the encoded bytes, wherever they lie.</summary>
    public int Length => Value is null ? 0 : IsApart ? ValuePlace.LengthIn(Value) : Value.Length;
}

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

    /// <summary>Moves values that are too large for leaves to the value file, as far as the disk takes them.</summary>
    public void MoveLargeTo(ValueFile values)
    {
        foreach (var rows in _collections.Values)
            foreach (var (key, change) in rows.Where(row => row.Value is { IsApart: false, Value.Length: > LeafChanges.LargestInLeaf }).ToList())
            {
                try
                {
                    rows[key] = change with { Value = values.Write(change.Value).Encode(), IsApart = true };
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    return; // tried again when the engine is fed
                }
            }
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
