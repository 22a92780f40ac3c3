using Appliance.Crypto.Formats;
using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>Some rows in key order, and the keys of those whose page is damaged.</summary>
internal sealed record RowBatch(IReadOnlyList<RawRow> Rows, IReadOnlyList<byte[]> Unreadable, bool IsGap);

/// <summary>Some keys, or entries of an index, in order. A gap: what lies here cannot be found, the index's own page is damaged.</summary>
internal sealed record OrderBatch(IReadOnlyList<byte[]> Order, bool IsGap);

/// <summary>
/// Goes through a whole collection in short ranges, past what cannot be read. The ranges are short because the engine's cache grows
/// with what one query touches, and rows may be large.
/// </summary>
internal static class RowWalk
{
    private const int MostAtOnce = 100;

    public static IEnumerable<RowBatch> Walk(this LiteDbStore store, string collection)
    {
        foreach (var batch in store.Order(collection, index: null))
            yield return batch.IsGap ? new RowBatch([], [], IsGap: true) : store.Rows(collection, batch.Order);
    }

    /// <summary>The keys of a collection or the entries of one of its indexes.</summary>
    public static IEnumerable<OrderBatch> Order(this LiteDbStore store, string collection, string? index)
    {
        byte[] from = [];
        for (var limit = MostAtOnce; limit > 0;)
        {
            if (store.TryOrder(collection, index, from, Key.Last, limit) is not { } order)
            {
                limit /= 2; // nearer to the damaged page
                continue;
            }
            if (order.Count > 0)
                yield return new OrderBatch(order, IsGap: false);
            if (order.Count < limit)
                yield break;
            from = Key.After(order[^1]);
        }
        yield return new OrderBatch([], IsGap: true);

        // What lies behind the damaged page is reached from the other end.
        var to = Key.Last;
        for (var limit = MostAtOnce; limit > 0;)
        {
            if (store.TryOrder(collection, index, from, to, limit + 1, descending: true) is not { } order)
            {
                limit /= 2;
                continue;
            }
            var further = order.Where(key => !key.AsSpan().SequenceEqual(to)).ToList();
            if (further.Count == 0)
                yield break;
            yield return new OrderBatch(further, IsGap: false);
            to = further[^1];
        }
    }

    /// <summary>The blobs the rows of a collection hold.</summary>
    /// <exception cref="StoreDamagedException">Some cannot be found.</exception>
    public static IEnumerable<ObjectId> BlobIds(this LiteDbStore store, ICollectionDeclaration collection) =>
        from batch in store.Order(collection.Name, collection.BlobIndex)
        let order = batch.IsGap ? throw new StoreDamagedException($"A page of the index of {collection.Name} is damaged.") : batch.Order
        from entry in order
        select ObjectId.FromBytes(IndexEntry.ValueOf(entry));

    /// <summary>The blobs of every row that can be read.</summary>
    public static IEnumerable<BlobReference> HeldBlobs(this LiteDbStore store, IEnumerable<ICollectionDeclaration> collections) =>
        from collection in collections
        where collection.BlobIndex is not null
        from batch in store.Walk(collection.Name)
        from row in batch.Rows
        let blob = collection.TryDecode(row.Value)?.Blob
        where blob is not null
        select blob;

    /// <summary>The row, or null when its bytes are not such a row.</summary>
    public static StoredRow? TryDecode(this ICollectionDeclaration collection, byte[] encoded)
    {
        try
        {
            return collection.Decode(encoded);
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }

    private static RowBatch Rows(this LiteDbStore store, string collection, IReadOnlyList<byte[]> keys)
    {
        try
        {
            var (first, last) = BytesComparer.Instance.Compare(keys[0], keys[^1]) <= 0 ? (keys[0], keys[^1]) : (keys[^1], keys[0]);
            return new RowBatch(store.RawRange(collection, null, first, last, keys.Count), [], IsGap: false);
        }
        catch (StoreDamagedException)
        {
            var (rows, unreadable) = (new List<RawRow>(), new List<byte[]>());
            foreach (var key in keys)
            {
                try
                {
                    rows.AddRange(store.RawRange(collection, null, key, key, 1));
                }
                catch (StoreDamagedException)
                {
                    unreadable.Add(key);
                }
            }
            return new RowBatch(rows, unreadable, IsGap: false);
        }
    }

    private static List<byte[]>? TryOrder(
        this LiteDbStore store, string collection, string? index, byte[] from, byte[] to, int limit, bool descending = false)
    {
        try
        {
            return store.RawOrder(collection, index, from, to, limit, descending);
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }
}
