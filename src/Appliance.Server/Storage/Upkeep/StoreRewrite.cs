using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>Where new store files are made, and how they take the place of the old ones.</summary>
/// <param name="Exchange">Called when the new ones are whole and both are closed.</param>
/// <param name="Undo">Puts the old ones back after an exchange that failed on its way.</param>
internal sealed record NewFiles(Func<string, IPageFile> Open, byte[] Key, Action Exchange, Action Undo);

/// <summary>
/// Copies all rows of a running store into new page files, in short ranges, catches up with what was written meanwhile and goes on
/// in the new files. What the old ones held besides, free pages and fragments, is left behind. Blobs stay where they are:
/// their keys lie in rows. (LiteDB's own Rebuild does nothing over streams, and says nothing.)
/// </summary>
internal sealed class StoreRewrite(LiteDbStore store, IEnumerable<ICollectionDeclaration> collections)
{
    private const int RowsAtOnce = 100;
    private const int FewRows = 1000; // copied while writers wait: well below a second
    private const int MostRounds = 20;
    private readonly ChangedRows _changed = new();
    private readonly Dictionary<string, ICollectionDeclaration> _collections =
        collections.Prepend(SchemaRow.Rows).ToDictionary(collection => collection.Name);

    /// <exception cref="UpkeepRefusedException">The store cannot be copied whole; it goes on as it was.</exception>
    /// <exception cref="StoreFailedException">The new files could not be written; the store goes on as it was.</exception>
    public async Task RunAsync(NewFiles files, CancellationToken cancellationToken)
    {
        using var target = new StoreBuilder(files.Open, files.Key);
        await store.WatchAsync(_changed.Add);
        try
        {
            RefuseUnknownRows();
            foreach (var collection in _collections.Values)
                Copy(collection, target, cancellationToken);
            for (var round = 0; _changed.Count > FewRows && round < MostRounds; round++)
                CatchUp(target, _changed.Count, cancellationToken);
            target.Finish(); // so that little is left to do while everyone waits
            await store.ExchangeFilesAsync(files.Key, () => Complete(target), files.Exchange, files.Undo);
        }
        catch (StoreDamagedException damage)
        {
            throw new UpkeepRefusedException($"{damage.Message} A damaged store is not copied; see: appliance store verify");
        }
        finally
        {
            await store.WatchAsync(null);
        }
    }

    /// <summary>What is not declared would be lost. (An index that is not declared any more may be.)</summary>
    private void RefuseUnknownRows()
    {
        if (store.RawNames().FirstOrDefault(name => !_collections.ContainsKey(name.Split('.')[0])) is { } unknown)
            throw new UpkeepRefusedException($"The store holds rows of {unknown}, which this version does not know. Install the version that wrote them.");
    }

    private void Copy(ICollectionDeclaration collection, StoreBuilder target, CancellationToken cancellationToken)
    {
        foreach (var batch in store.Walk(collection.Name))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!batch.IsWhole)
                throw new StoreDamagedException($"Rows of {collection.Name} are damaged.");
            foreach (var row in batch.Rows)
                target.Put(collection, row.Key, row.Value, isNew: collection.Name != SchemaRow.Rows.Name);
            target.Commit();
        }
    }

    private void CatchUp(StoreBuilder target, int rows, CancellationToken cancellationToken)
    {
        for (var left = rows; left > 0; left -= RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (name, key) in _changed.Take(RowsAtOnce))
            {
                var collection = _collections[name];
                if (store.RawRange(name, null, key, key, 1) is [var row])
                    target.Put(collection, key, row.Value, isNew: false);
                else
                    target.Delete(collection, key);
            }
            target.Commit();
        }
    }

    private void Complete(StoreBuilder target)
    {
        CatchUp(target, _changed.Count, CancellationToken.None);
        target.Finish();
        target.Dispose();
    }
}
