using System.Collections.Immutable;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>Changes that groups made one after the other, each over the earlier ones. Immutable.</summary>
internal sealed class PendingRows
{
    /// <summary>Bytes in the journal at which feeding the engine begins.</summary>
    public const long Much = 8 << 20;

    /// <summary>Bytes in the journal at which it is waited for.</summary>
    public const long TooMuch = 2 * Much;

    private const int Many = 3_000; // rows; the more a leaf gets at once, the fewer are written, and the longer a range takes meanwhile
    private const int TooMany = 4 * Many;
    private const long MuchAtOnce = 3 << 20;
    private readonly Dictionary<string, ImmutableSortedDictionary<byte[], Change>> _collections = [];
    private int _rows;
    private long _bytes; // in the journal, so those of a row that changes often count each time

    public static PendingRows None { get; } = new();

    public bool IsEmpty => _rows == 0;

    /// <summary>Enough for feeding to be worth while: what a leaf gets at once is written once.</summary>
    public bool IsLarge => _rows >= Many || _bytes >= Much;

    /// <summary>So much that feeding must be waited for.</summary>
    public bool IsTooLarge => _rows >= TooMany || _bytes >= TooMuch;

    public ImmutableSortedDictionary<byte[], Change>? Of(string collection) => _collections.GetValueOrDefault(collection);

    public Change? Find(string collection, byte[] key) => Of(collection)?.GetValueOrDefault(key);

    /// <param name="superseded">Gets the changes that another takes the place of.</param>
    public PendingRows With(Overlay group, List<Change> superseded)
    {
        var next = Copy();
        foreach (var (name, changes) in group.Collections)
            next.Add(name, changes, superseded);
        return next;
    }

    public PendingRows With(PendingRows later)
    {
        var next = Copy();
        foreach (var (name, changes) in later._collections)
            next.Add(name, changes);
        return next;
    }

    /// <summary>Changes over others of the same collection.</summary>
    /// <param name="superseded">Gets those that another takes the place of.</param>
    /// <param name="engineMayHaveUnder">It is being fed with the others.</param>
    public static ImmutableSortedDictionary<byte[], Change> Join(
        IReadOnlyDictionary<byte[], Change>? under, IReadOnlyDictionary<byte[], Change> over, List<Change>? superseded = null, bool engineMayHaveUnder = false)
    {
        var rows = (under as ImmutableSortedDictionary<byte[], Change> ?? ImmutableSortedDictionary.Create<byte[], Change>(BytesComparer.Instance)).ToBuilder();
        foreach (var (key, change) in over)
        {
            if (!rows.TryGetValue(key, out var earlier))
                rows.Add(key, change);
            else
            {
                superseded?.Add(earlier);
                var isNew = earlier.IsNew && !engineMayHaveUnder;
                rows[key] = isNew != change.IsNew ? change with { IsNew = isNew } : change;
            }
        }
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

    private void Add(string collection, IReadOnlyDictionary<byte[], Change> changes, List<Change>? superseded = null)
    {
        var rows = Join(Of(collection), changes, superseded);
        _rows += rows.Count - (Of(collection)?.Count ?? 0);
        _bytes += changes.Values.Sum(change => change.Length);
        _collections[collection] = rows;
    }

    private PendingRows Copy()
    {
        var copy = new PendingRows { _rows = _rows, _bytes = _bytes };
        foreach (var (name, rows) in _collections)
            copy._collections[name] = rows;
        return copy;
    }
}
