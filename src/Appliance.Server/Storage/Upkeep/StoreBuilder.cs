using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>Fills new store files with encoded rows, and closes them when they are whole. One thread at a time.</summary>
internal sealed class StoreBuilder : IDisposable
{
    private const uint CheckpointPages = 4096;
    private readonly StoreFiles _files;
    private readonly LiteDbPages _pages;
    private Overlay _overlay = new();

    public StoreBuilder(Func<string, IPageFile> open, byte[] key)
    {
        _files = StoreFiles.Create(open, key);
        _pages = new LiteDbPages(_files);
        _pages.TurnOffAutomaticCheckpoints();
    }

    /// <param name="isNew">The new files hold no row of this key yet.</param>
    /// <exception cref="StoreDamagedException">The bytes are no such row.</exception>
    public void Put(ICollectionDeclaration collection, byte[] key, byte[] encoded, bool isNew)
    {
        var row = collection.Decode(encoded);
        if (!row.Key.AsSpan().SequenceEqual(key))
            throw new StoreDamagedException($"A row of {collection.Name} is stored under a key that is not its own.");
        _overlay.Set(collection.Name, key, new Change(encoded, row.Entries, isNew));
    }

    public void Delete(ICollectionDeclaration collection, byte[] key) =>
        _overlay.Set(collection.Name, key, new Change(null, IndexEntries.NoneIn(collection.IndexNames), IsNew: false));

    /// <exception cref="StoreFailedException">The disk did not take it.</exception>
    public void Commit()
    {
        _pages.Commit(_overlay);
        _overlay = new Overlay();
        if (_files.Log.Pages >= CheckpointPages)
            _pages.Checkpoint();
    }

    /// <summary>Everything is in the data file and synced once this returns.</summary>
    /// <exception cref="StoreFailedException">The disk did not take it.</exception>
    public void Finish()
    {
        Commit();
        _pages.Checkpoint();
        _files.Failure.ThrowIfHappened();
        _files.Mark.Write(_files.Log.Acknowledged, _files.Log.Round);
    }

    public void Dispose()
    {
        _pages.Dispose();
        _files.Dispose();
    }
}
