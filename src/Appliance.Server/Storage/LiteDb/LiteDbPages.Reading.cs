using Appliance.Server.Storage.Values;
using LiteDB;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>How rows are found: the leaf by LiteDB's index, the row in the leaf.</summary>
internal sealed partial class LiteDbPages
{
    public static StoreDamagedException ValueDamaged() => new("What a row has in store/values was changed or lost. Restore the newest backup.");

    public byte[]? Get(string collection, byte[] key) => Read(() => Row(collection, key) is { } row ? ValueOf(row) : null);

    /// <summary>Rows between two keys or, with an index, between two of its entries, both inclusive.</summary>
    public List<RawRow> Range(string collection, string? index, byte[] from, byte[] to, int limit, bool descending) => ReadAtOnce(() =>
        Rows(TableOf(collection, index), from, to, limit, descending).ConvertAll(found =>
        {
            var order = found.Key.ToArray();
            if (index is null)
                return new RawRow(order, order, ValueOf(found));
            var key = found.Value.ToArray();
            var row = Row(collection, key) ?? throw new StoreDamagedException("An index leads to a row that is not there. See: appliance store verify");
            return new RawRow(order, key, ValueOf(row));
        }));

    /// <summary>What a range is ordered by alone: keys, or index entries.</summary>
    public List<byte[]> Order(string collection, string? index, byte[] from, byte[] to, int limit, bool descending) =>
        ReadAtOnce(() => Rows(TableOf(collection, index), from, to, limit, descending).ConvertAll(row => row.Key.ToArray()));

    /// <summary>The leaves of a collection or an index whose bounds lie between two, both inclusive.</summary>
    public List<StoredLeaf> Leaves(string collection, string? index, byte[] from, byte[] to, int limit, bool descending)
    {
        var table = TableOf(collection, index);
        return Read(() => Run(TableQuery.Between(TableKey.Of(table, from), TableKey.Of(table, to)), limit, DirectionOf(descending)))
            .ConvertAll(document => LeafOf(document) is var leaf ? leaf with { Bound = leaf.Bound[TableKey.PrefixLength(table)..] } : null!);
    }

    /// <summary>A row's value; null when what lies apart is not what was written, or by now another's.</summary>
    public byte[]? TryValue(LeafRow row) => Read(() => TryValueOf(row));

    /// <summary>Their bounds alone: found without touching a leaf's own pages.</summary>
    public List<byte[]> Bounds(string collection, string? index, byte[] from, byte[] to, int limit, bool descending)
    {
        var table = TableOf(collection, index);
        return Read(() => FindKeys(TableKey.Of(table, from), TableKey.Of(table, to), limit, descending)).ConvertAll(bound => bound[TableKey.PrefixLength(table)..]);
    }

    /// <summary>The collections and indexes that have anything in them, declared or not.</summary>
    public List<string> Names()
    {
        var names = new List<string>();
        byte[] from = [];
        while (Read(() => FindKeys(from, [byte.MaxValue], 1, descending: false)) is [var key])
        {
            names.Add(TableKey.NameIn(key));
            from = [.. key[..names[^1].Length], 1];
        }
        return names;
    }

    StoredLeaf? ILeaves.At(string table, ReadOnlySpan<byte> key) => At(table, key) is { } document ? LeafOf(document) : null;

    byte[]? ILeaves.BoundAfter(string table, byte[] bound) => FindBounds(Key.After(bound), TableKey.End(table), 1, descending: false).FirstOrDefault();

    private BsonDocument? At(string table, ReadOnlySpan<byte> key) => Find(TableKey.Of(table, []), TableKey.Of(table, key), 1, descending: true).FirstOrDefault();

    private LeafRow? Row(string table, byte[] key) => At(table, key) is { } document ? Leaf.Find(document[ValueField].AsBinary, key) : null;

    /// <summary>The rows of a table between two keys, both inclusive.</summary>
    private List<LeafRow> Rows(string table, byte[] from, byte[] to, int limit, bool descending)
    {
        var rows = new List<LeafRow>();
        if (BytesComparer.Instance.Compare(from, to) > 0)
            return rows; // LiteDB would answer with what is equal to the lower bound
        // The leaf that the first key belongs to begins before it.
        var first = FindBounds(TableKey.Of(table, []), TableKey.Of(table, from), 1, descending: true) is [var bound] ? bound : TableKey.Of(table, from);
        var last = TableKey.Of(table, to);
        for (var most = FewLeaves; ; most *= FewLeaves)
        {
            var leaves = Find(first, last, most, descending).ConvertAll(LeafOf);
            foreach (var leaf in leaves)
                rows.AddRange((descending ? Enumerable.Reverse(leaf.Rows) : leaf.Rows).Where(row => row.CompareKey(from) >= 0 && row.CompareKey(to) <= 0));
            if (rows.Count >= limit)
                return rows[..limit];
            if (leaves.Count < most)
                return rows;
            if (!descending)
                first = Key.After(leaves[^1].Bound);
            else if (FindBounds(first, leaves[^1].Bound, 2, descending: true) is [_, var before])
                last = before;
            else
                return rows;
        }
    }

    /// <exception cref="StoreDamagedException">What lies in the value file is not what was written.</exception>
    private byte[] ValueOf(LeafRow row) => TryValueOf(row) ?? throw ValueDamaged();

    private byte[]? TryValueOf(LeafRow row) => row.Place is { } place ? _values.TryRead(place) : row.Value.ToArray();

    /// <summary>Every extent of the value file that is not free, in order.</summary>
    private IEnumerable<ListedExtent> ListedExtents()
    {
        byte[] from = [];
        while (true)
        {
            var rows = Rows(LeafChanges.Extents, from, Key.Last, Limits.Rows, descending: false);
            foreach (var row in rows)
                yield return ListedExtent.Of(row.Key.Span, row.Value.Span);
            if (rows.Count < Limits.Rows)
                yield break;
            from = Key.After(rows[^1].Key.ToArray());
        }
    }

    private static string TableOf(string collection, string? index) => index is null ? collection : TableKey.IndexName(collection, index);

    private static StoredLeaf LeafOf(BsonDocument document) => new(document[KeyField].AsBinary, Leaf.Read(document[ValueField].AsBinary));

    private static BsonDocument Document((byte[] Bound, byte[] Packed) leaf) => new() { [KeyField] = leaf.Bound, [ValueField] = leaf.Packed };

    private List<BsonDocument> Find(byte[] from, byte[] to, int limit, bool descending)
    {
        try
        {
            return Run(TableQuery.Between(from, to), limit, DirectionOf(descending));
        }
        catch (StoreDamagedException)
        {
            return FindBounds(from, to, limit, descending).ConvertAll(Find);
        }
    }

    /// <summary>
    /// LiteDB's index is searched from its head, over leaves that have nothing to do with the key. When one of those is on a damaged page,
    /// the search from the tail goes another way, and most leaves are found after all.
    /// </summary>
    private BsonDocument Find(byte[] bound)
    {
        List<BsonDocument> found;
        try
        {
            found = Run(TableQuery.Equal(bound), 1, LiteDB.Query.Ascending);
        }
        catch (StoreDamagedException)
        {
            found = Run(TableQuery.Between(bound, bound), 1, LiteDB.Query.Descending);
        }
        return found is [var document] ? document : throw new StoreDamagedException("The index of the store leads nowhere. Restore the newest backup.");
    }

    private List<byte[]> FindBounds(byte[] from, byte[] to, int limit, bool descending)
    {
        try
        {
            return FindKeys(from, to, limit, descending);
        }
        catch (StoreDamagedException)
        {
            return FindKeysFromTheOtherEnd(from, to, limit, descending);
        }
    }

    /// <summary>Goes through the whole range, in the other direction: slow, and only ever done past a damaged page.</summary>
    private List<byte[]> FindKeysFromTheOtherEnd(byte[] from, byte[] to, int limit, bool descending)
    {
        var kept = new Queue<byte[]>();
        while (true)
        {
            var found = FindKeys(from, to, Limits.Rows, !descending);
            foreach (var key in found.Where(key => kept.Count == 0 || !key.AsSpan().SequenceEqual(kept.Last())))
            {
                kept.Enqueue(key);
                if (kept.Count > limit)
                    kept.Dequeue();
            }
            if (found.Count < Limits.Rows)
                return [.. kept.Reverse()];
            (from, to) = descending ? (found[^1], to) : (from, found[^1]);
        }
    }

    private List<byte[]> FindKeys(byte[] from, byte[] to, int limit, bool descending) =>
        Run(TableQuery.Between(from, to), limit, DirectionOf(descending), TableQuery.KeyAlone)
            .ConvertAll(found => found[KeyField].AsBinary);

    private static int DirectionOf(bool descending) => descending ? LiteDB.Query.Descending : LiteDB.Query.Ascending;

    private List<BsonDocument> Run(BsonExpression where, int limit, int direction, BsonExpression? select = null)
    {
        var query = new Query { Order = direction, Limit = limit, OrderBy = TableQuery.Key, Select = select ?? BsonExpression.Root };
        query.Where.Add(where);
        var rows = new List<BsonDocument>();
        using var reader = _engine.Query(Table, query);
        while (reader.Read())
            rows.Add(reader.Current.AsDocument);
        return rows;
    }

    /// <summary>Everything that is read is as of one moment.</summary>
    private T ReadAtOnce<T>(Func<T> read) => Read(() =>
    {
        _engine.BeginTrans();
        try
        {
            return read();
        }
        finally
        {
            _engine.Rollback();
        }
    });

    private T Read<T>(Func<T> read)
    {
        _slots.Wait();
        _readers.EnterReadLock();
        try
        {
            return read();
        }
        finally
        {
            _readers.ExitReadLock();
            _slots.Release();
        }
    }
}
