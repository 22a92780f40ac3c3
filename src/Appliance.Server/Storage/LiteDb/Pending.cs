using System.Collections.Immutable;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>Rows that were acknowledged, and are in the journal, but not in the engine yet. Immutable: a reader keeps the ones it began with.</summary>
/// <param name="feeds">How often feeding the engine had begun when this was shown.</param>
internal sealed class Pending(int feeds)
{
    private const int Many = 1000;
    private const long Much = 4 << 20;
    private const long MuchAtOnce = 3 << 20;
    private readonly Dictionary<string, ImmutableSortedDictionary<byte[], Change>> _collections = [];
    private int _rows;
    private long _bytes; // written, so those of a row that changes often count each time

    public int Feeds => feeds;

    public bool IsEmpty => _rows == 0;

    /// <summary>Enough for feeding to be worth while. LiteDB searches its one index from the top for each row, and copies the pages it passes once for all of them.</summary>
    public bool IsLarge => _rows >= Many || _bytes >= Much;

    /// <summary>So much that feeding must be waited for.</summary>
    public bool IsTooLarge => _rows >= 4 * Many || _bytes >= 2 * Much;

    public ImmutableSortedDictionary<byte[], Change>? Of(string collection) => _collections.GetValueOrDefault(collection);

    /// <summary>What there is once a group is acknowledged too.</summary>
    public Pending With(Overlay group, int feeds)
    {
        var next = Copy(feeds);
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
    public ImmutableSortedDictionary<byte[], Change> With(string collection, IReadOnlyDictionary<byte[], Change> changes)
    {
        var rows = (Of(collection) ?? ImmutableSortedDictionary.Create<byte[], Change>(BytesComparer.Instance)).ToBuilder();
        foreach (var (key, change) in changes)
            rows[key] = rows.TryGetValue(key, out var earlier) && earlier.IsNew != change.IsNew ? change with { IsNew = earlier.IsNew } : change;
        return rows.ToImmutable();
    }

    /// <summary>
    /// All of it and then, in the last part, <paramref name="last"/>; no part of much more than <see cref="MuchAtOnce"/>. LiteDB's page cache grows to what the
    /// largest transaction touches, and stays so.
    /// </summary>
    public IEnumerable<Overlay> InParts(Overlay last)
    {
        var part = new Overlay();
        var bytes = 0L;
        foreach (var (name, rows) in _collections)
            foreach (var (key, change) in rows)
            {
                if (bytes >= MuchAtOnce)
                {
                    yield return part;
                    (part, bytes) = (new Overlay(), 0);
                }
                part.Set(name, key, change);
                bytes += key.Length + (change.Value?.Length ?? 0);
            }
        foreach (var (name, rows) in last.Collections)
            foreach (var (key, change) in rows)
                part.Set(name, key, change);
        yield return part;
    }

    private Pending Copy(int feeds)
    {
        var copy = new Pending(feeds) { _rows = _rows, _bytes = _bytes };
        foreach (var (name, rows) in _collections)
            copy._collections[name] = rows;
        return copy;
    }
}
