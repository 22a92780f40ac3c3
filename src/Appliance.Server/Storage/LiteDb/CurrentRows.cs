using Appliance.Server.Storage.Values;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>
/// The rows as they are: what was acknowledged and waits to be fed to the engine, over what the engine has. Anybody reads; the writer's thread alone
/// changes anything.
/// </summary>
internal sealed class CurrentRows(LiteDbPages pages)
{
    private const int Attempts = 3;
    private readonly Lock _feeding = new();
    private readonly RowCache _cache = new();
    private volatile Pending _pending = Pending.None;

    /// <summary>All that the engine does not have yet.</summary>
    public Pending Pending => _pending;

    public T? Get<T>(Collection<T> collection, byte[] key) where T : class =>
        collection.IsCached ? _cache.Get(collection, key, Get)
        : Get(collection.Name, key) is { } value ? RowCodec.Read<T>(value)
        : null;

    private byte[]? Get(string collection, byte[] key)
    {
        while (_pending.Find(collection, key) is { } change)
        {
            if (!change.IsApart)
                return change.Value;
            if (ReadApart(change) is { } value)
                return value;
            // Its place may be another's by now, but only if the row has changed.
            if (ReferenceEquals(_pending.Find(collection, key), change))
                throw LiteDbPages.ValueDamaged();
        }
        return pages.Get(collection, key);
    }

    private byte[]? ReadApart(Change change) => pages.Values.TryRead(ValuePlace.Decode(change.Value));

    /// <summary>As of one moment, as the engine's own ranges are.</summary>
    public List<RawRow> Range(string collection, Bounds bounds, int limit, bool descending)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var pending = _pending;
            var changes = pending.Of(collection);
            if (TryRange() is not { } found)
                continue;
            // The engine may have got these rows meanwhile, which changes nothing, but no later ones: those come when it is fed the next time.
            if (_pending == pending || changes is null || _pending.Feeds == pending.Feeds)
                return found;

            List<RawRow>? TryRange()
            {
                try
                {
                    return Range(collection, bounds, limit, descending, changes);
                }
                catch (StoreDamagedException) when (_pending != pending)
                {
                    return null; // what lies apart may have gone to another place
                }
            }
        }
        lock (_feeding)
            return Range(collection, bounds, limit, descending, _pending.Of(collection));
    }

    /// <summary>The same with more changes over it.</summary>
    public List<RawRow> Range(string collection, Bounds bounds, int limit, bool descending, IReadOnlyDictionary<byte[], Change>? changes)
    {
        if (changes is not { Count: > 0 })
            return pages.Range(collection, bounds.Index, bounds.From, bounds.To, limit, descending);
        // Each change of a row that the engine may have can hide one of those, so that many more are read. One that it is just given, and no later one changes, hides itself.
        var hidden = _pending is { MayBeFed: true } or { IsFedAgain: true } ? changes.Count : changes.Values.Count(change => !change.IsNew);
        var stored = pages.Range(collection, bounds.Index, bounds.From, bounds.To, limit + hidden, descending)
            .Where(row => !changes.ContainsKey(row.Key));
        var written = changes
            .Where(change => change.Value.Value is not null)
            .Select(change => new RawRow(bounds.Index is null ? change.Key : change.Value.Entries[bounds.Index]!, change.Key, change.Value.Value!))
            .Where(row => row.Order is not null && bounds.Contain(row.Order));
        var all = stored.Concat(written);
        var ordered = descending
            ? all.OrderByDescending(row => row.Order, BytesComparer.Instance)
            : all.OrderBy(row => row.Order, BytesComparer.Instance);
        return [.. ordered.Take(limit).Select(row => changes.TryGetValue(row.Key, out var change) && change.IsApart ? row with { Value = ReadApart(change) ?? throw LiteDbPages.ValueDamaged() } : row)];
    }

    /// <summary>Shows a group that the journal holds.</summary>
    public void Acknowledge(Overlay group)
    {
        group.MoveLargeTo(pages.Values); // memory is for what is small
        var superseded = new List<Change>();
        var next = _pending.With(group, superseded);
        _cache.While(group, () => _pending = next);
        pages.Values.Release([.. superseded.Where(change => change.IsApart).Select(change => ValuePlace.Decode(change.Value))]);
    }

    /// <summary>Gives the engine a group at once, while nothing waits.</summary>
    /// <exception cref="StoreFailedException">It was not taken; <see cref="LiteDbPages.Recover"/> comes next.</exception>
    public void Commit(Overlay group) => _cache.While(group, () => pages.Commit(group));

    /// <summary>What waits by now is about to be fed to the engine; what is acknowledged from now on waits for the next time.</summary>
    public PendingRows BeginFeed()
    {
        var rows = _pending.Waiting;
        _pending = _pending.BeginFeed();
        return rows;
    }

    /// <summary>Gives the engine <paramref name="rows"/> and, when it has them all, <paramref name="last"/>. On any thread, while the writer's goes on. Interrupted, it is done again from the start.</summary>
    /// <exception cref="StoreFailedException">It was not taken; <see cref="LiteDbPages.Recover"/> comes next.</exception>
    public void Feed(PendingRows rows, Overlay last)
    {
        lock (_feeding)
        {
            foreach (var part in rows.InParts(last))
                pages.Commit(part);
        }
    }

    /// <param name="isFed">Else all of it waits as before.</param>
    public void EndFeed(bool isFed) => _pending = _pending.EndFeed(isFed);
}
