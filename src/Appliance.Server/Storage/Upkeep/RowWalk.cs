using Appliance.Crypto.Formats;
using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>Some rows in order, or entries of an index.</summary>
/// <param name="Unreadable">Where leaves begin whose page is damaged: from here on, up to the next row, rows cannot be read.</param>
/// <param name="Lost">Rows of which the value file has not what was written.</param>
/// <param name="IsGap">What lies here cannot be found: a page of LiteDB's own index is damaged.</param>
internal sealed record RowBatch(IReadOnlyList<RawRow> Rows, IReadOnlyList<byte[]> Unreadable, IReadOnlyList<byte[]> Lost, bool IsGap)
{
    /// <summary>Whether these are all the rows that there are here.</summary>
    public bool IsWhole => !IsGap && Unreadable.Count == 0 && Lost.Count == 0;
}

/// <summary>
/// Goes through a whole collection, or through one of its indexes, a few leaves at a time, past what cannot be read. Few, because the engine's cache grows
/// with what one query touches, and rows may be large.
/// </summary>
internal static class RowWalk
{
    private const int MostAtOnce = 16;
    private const int MuchAtOnce = 1 << 20;

    public static IEnumerable<RowBatch> Walk(this LiteDbStore store, string collection, string? index = null)
    {
        byte[] from = [];
        for (var limit = MostAtOnce; ;)
        {
            if (Try(() => store.RawLeaves(collection, index, from, Key.Last, limit, descending: false)) is { } leaves)
            {
                foreach (var batch in store.BatchesOf(collection, leaves))
                    yield return batch;
                if (leaves.Count < limit)
                    yield break;
                // Beyond what was read of it: meanwhile it may have been divided.
                from = Key.After(leaves[^1].Rows[^1].Key.ToArray());
                limit = MostAtOnce;
            }
            else if (limit > 1)
            {
                limit = 1; // past the damaged page one by one
            }
            else if (Try(() => store.RawBounds(collection, index, from, Key.Last, limit, descending: false)) is { } bounds)
            {
                if (bounds is not [var bound])
                    yield break;
                yield return new RowBatch([], [bound], [], IsGap: false);
                from = Key.After(bound);
            }
            else
            {
                break;
            }
        }
        yield return new RowBatch([], [], [], IsGap: true);
        foreach (var batch in store.WalkBack(collection, index, from))
            yield return batch;
    }

    /// <summary>What lies behind a damaged page of the index is reached from the other end.</summary>
    private static IEnumerable<RowBatch> WalkBack(this LiteDbStore store, string collection, string? index, byte[] from)
    {
        var to = Key.Last;
        for (var limit = MostAtOnce; ;)
        {
            // The last one comes again, since both bounds count.
            if (Try(() => store.RawLeaves(collection, index, from, to, limit + 1, descending: true)) is { } leaves)
            {
                leaves.RemoveAll(leaf => leaf.Bound.AsSpan().SequenceEqual(to));
                if (leaves.Count == 0)
                    yield break;
                foreach (var batch in store.BatchesOf(collection, leaves))
                    yield return batch;
                to = leaves[^1].Bound;
                limit = MostAtOnce;
            }
            else if (limit > 1)
            {
                limit = 1;
            }
            else if (Try(() => store.RawBounds(collection, index, from, to, limit + 1, descending: true)) is { } bounds)
            {
                if (bounds.Find(bound => !bound.AsSpan().SequenceEqual(to)) is not { } bound)
                    yield break;
                yield return new RowBatch([], [bound], [], IsGap: false);
                to = bound;
            }
            else
            {
                yield break;
            }
        }
    }

    /// <summary>The blobs the rows of a collection hold.</summary>
    /// <exception cref="StoreDamagedException">Some cannot be found.</exception>
    public static IEnumerable<ObjectId> BlobIds(this LiteDbStore store, ICollectionDeclaration collection) =>
        from batch in store.Walk(collection.Name, collection.BlobIndex)
        let entries = batch.IsWhole ? batch.Rows : throw new StoreDamagedException($"A page of the index of {collection.Name} is damaged.")
        from entry in entries
        select ObjectId.FromBytes(IndexEntry.ValueOf(entry.Order));

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

    private static IEnumerable<RowBatch> BatchesOf(this LiteDbStore store, string collection, List<StoredLeaf> leaves)
    {
        var (rows, lost, bytes) = (new List<RawRow>(), new List<byte[]>(), 0);
        foreach (var row in leaves.SelectMany(leaf => leaf.Rows))
        {
            var key = row.Key.ToArray();
            if (store.TryRawValue(row) is { } value)
                rows.Add(new RawRow(key, key, value));
            else if (Try(() => store.RawRange(collection, null, key, key, 1)) is { } again)
                rows.AddRange(again); // it has been written anew meanwhile, or deleted
            else
                lost.Add(key);
            bytes += row.Place?.Length ?? row.Value.Length;
            if (bytes < MuchAtOnce)
                continue;
            yield return new RowBatch(rows, [], lost, IsGap: false);
            (rows, lost, bytes) = ([], [], 0);
        }
        if (rows.Count + lost.Count > 0)
            yield return new RowBatch(rows, [], lost, IsGap: false);
    }

    private static T? Try<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }
}
