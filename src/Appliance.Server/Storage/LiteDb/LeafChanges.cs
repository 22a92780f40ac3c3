using System.Buffers;
using Appliance.Server.Storage.Values;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>A leaf as it is in the store: the lower bound it is found by, and its rows. It reaches up to the next leaf's bound.</summary>
internal sealed record StoredLeaf(byte[] Bound, List<LeafRow> Rows);

/// <summary>Where <see cref="LeafChanges"/> finds the leaves as they are.</summary>
internal interface ILeaves
{
    /// <summary>The leaf of a table that a key belongs to; null when there is none up to there.</summary>
    StoredLeaf? At(string table, ReadOnlySpan<byte> key);

    /// <summary>The bound of the leaf behind another; null when that is the table's last.</summary>
    byte[]? BoundAfter(string table, byte[] bound);
}

/// <summary>
/// Works out what becomes of the leaves when rows change. A leaf that grows too large is divided; where rows were only added at its end, as time-ordered ones
/// are, it stays full. One that has no rows left goes. Bounds are keys of a table: collection or index ‖ 00 ‖ key.
/// </summary>
internal sealed class LeafChanges(ILeaves leaves, ValueFile values)
{
    /// <summary>With what LiteDB adds a leaf of so many bytes fits into one page.</summary>
    private const int MostBytes = 7_500;

    /// <summary>Larger values lie in the value file: they would fill whole leaves.</summary>
    public const int LargestInLeaf = 3_000;

    /// <summary>Lists the extents of the value file that are not free (<see cref="ListedExtent"/>), and is kept like an index.</summary>
    public static readonly string Extents = TableKey.IndexName(SchemaRow.Rows.Name, "values");

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * MostBytes);
    private readonly SortedDictionary<string, SortedDictionary<byte[], LeafRow?>> _indexes = new(StringComparer.Ordinal);

    public List<byte[]> Deleted { get; } = [];

    public List<(byte[] Bound, byte[] Packed)> Replaced { get; } = [];

    public List<(byte[] Bound, byte[] Packed)> Added { get; } = [];

    /// <summary>Values that were written to the value file for these changes.</summary>
    public List<ValuePlace> Placed { get; } = [];

    /// <summary>Values in the value file that no row has after these changes.</summary>
    public List<ValuePlace> Superseded { get; } = [];

    /// <summary>Extents of the value file that are taken off its list.</summary>
    public IReadOnlyList<Extent> Unlisted { get; private set; } = [];

    /// <summary>Changes rows of a collection; its indexes follow with <see cref="FinishIndexes"/>.</summary>
    public void Change(string collection, IReadOnlyDictionary<byte[], Change> changes)
    {
        var rows = changes.OrderBy(change => change.Key, BytesComparer.Instance)
            .Select(change => (change.Key, RowOf(change.Key, change.Value)));
        Merge(collection, [.. rows], (key, before, after) =>
        {
            ChangeIndexes(collection, key, before, changes[key].Entries);
            ChangeExtents(before, after);
        });
    }

    public void FinishIndexes()
    {
        Unlisted = values.Wiped;
        foreach (var extent in Unlisted)
            Entries(Extents)[new ListedExtent(extent, IsReleased: true).Key] = null;
        foreach (var (index, entries) in _indexes)
            Merge(index, [.. entries.Select(entry => (entry.Key, entry.Value))], (_, _, _) => { });
        _indexes.Clear();
    }

    private LeafRow? RowOf(byte[] key, Change change)
    {
        if (change.Value is not { } value)
            return null;
        var isApart = change.IsApart;
        if (!isApart && value.Length > LargestInLeaf)
        {
            Placed.Add(values.Write(value));
            (value, isApart) = (Placed[^1].Encode(), true);
        }
        return new LeafRow(key, value, Leaf.PackEntries(change.Entries, _buffer), isApart);
    }

    /// <summary>A row that is fed twice may be there already, at the very same place.</summary>
    private void ChangeExtents(LeafRow? before, LeafRow? after)
    {
        var (former, place) = (before?.Place, after?.Place);
        if (former?.Extent == place?.Extent)
            return;
        if (place is not null)
            List(new ListedExtent(place.Extent, IsReleased: false));
        if (former is null)
            return;
        Superseded.Add(former);
        List(new ListedExtent(former.Extent, IsReleased: true));

        void List(ListedExtent extent) => Entries(Extents)[extent.Key] = new LeafRow(extent.Key, extent.Value, Leaf.NoEntries);
    }

    /// <summary>The index entries a row gains, and those of its earlier self that it loses.</summary>
    private void ChangeIndexes(string collection, byte[] key, LeafRow? before, IndexEntries entries)
    {
        if (entries.Count == 0)
            return;
        var old = before?.ReadEntries() ?? default;
        foreach (var (index, has) in entries)
        {
            var had = old[index];
            if (had.AsSpan().SequenceEqual(has))
                continue;
            var changes = Entries(TableKey.IndexName(collection, index));
            if (had is not null)
                changes[had] = null;
            if (has is not null)
                changes[has] = new LeafRow(has, key, Leaf.NoEntries);
        }
    }

    private SortedDictionary<byte[], LeafRow?> Entries(string index)
    {
        if (!_indexes.TryGetValue(index, out var changes))
            _indexes[index] = changes = new SortedDictionary<byte[], LeafRow?>(BytesComparer.Instance);
        return changes;
    }

    private void Merge(string table, List<(byte[] Key, LeafRow? Row)> changes, Action<byte[], LeafRow?, LeafRow?> changing)
    {
        for (var at = 0; at < changes.Count;)
        {
            var leaf = leaves.At(table, changes[at].Key);
            var bound = leaf?.Bound ?? TableKey.Of(table, []);
            var end = leaves.BoundAfter(table, bound);
            var rows = leaf?.Rows ?? [];
            var merged = new List<LeafRow>(rows.Count + changes.Count - at);
            var from = 0; // of the rows as they were
            var isAppend = true; // the rows as they were, and others behind them
            for (; at < changes.Count && (end is null || IsBelow(table, changes[at].Key, end)); at++)
            {
                var (key, row) = changes[at];
                for (; from < rows.Count && rows[from].CompareKey(key) < 0; from++)
                    merged.Add(rows[from]);
                var isThere = from < rows.Count && rows[from].CompareKey(key) == 0;
                changing(key, isThere ? rows[from] : null, row);
                isAppend &= !isThere && (from == rows.Count || row is null);
                if (isThere)
                    from++;
                if (row is { } changed)
                    merged.Add(changed);
            }
            for (; from < rows.Count; from++)
                merged.Add(rows[from]);
            Divide(table, leaf, bound, merged, isAppend);
        }
    }

    private static bool IsBelow(string table, ReadOnlySpan<byte> key, byte[] bound) => key.SequenceCompareTo(bound.AsSpan(TableKey.PrefixLength(table))) < 0;

    private void Divide(string table, StoredLeaf? leaf, byte[] bound, List<LeafRow> rows, bool isAppend)
    {
        if (rows.Count == 0)
        {
            if (leaf is not null)
                Deleted.Add(bound);
            return;
        }
        var total = rows.Sum(row => row.Length);
        var most = isAppend ? MostBytes : total / ((total + MostBytes - 1) / MostBytes);
        var isFirst = true;
        for (var at = 0; at < rows.Count;)
        {
            var (end, length) = (at, 0);
            do
                length += rows[end++].Length;
            while (end < rows.Count && length + rows[end].Length <= most);
            Put(rows[at..end]);
            at = end;
        }

        void Put(List<LeafRow> part)
        {
            if (!isFirst)
                Added.Add((TableKey.Of(table, part[0].Key.Span), Leaf.Write(part, _buffer)));
            else if (leaf is null)
                Added.Add((bound, Leaf.Write(part, _buffer)));
            else if (!isAppend || part.Count != leaf.Rows.Count) // else it is as it was
                Replaced.Add((bound, Leaf.Write(part, _buffer)));
            isFirst = false;
        }
    }
}
