using Appliance.Server.Storage.Blobs;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Storage.Upkeep;
using Appliance.Server.Storage.Values;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>
/// The embedded store: LiteDB over sealed page files, one writing thread, blobs beside it. Nothing reaches the disk
/// unsealed, nothing is acknowledged before it is synced, and what comes back is exactly what was written or an error. After a
/// write has failed it goes on reading what was acknowledged, and writes again as soon as the disk lets it.
/// </summary>
public sealed partial class LiteDbStore : IStore, IAsyncDisposable
{
    private StoreFiles _files;
    private readonly LiteDbPages _pages;
    private readonly CurrentRows _rows;
    private readonly GroupWriter _writer;
    private readonly BlobStore _blobs;
    private readonly DataFolder? _folder;
    private readonly DiskSpace? _space;
    private readonly Func<string, IPageFile> _open;
    private byte[] _key;
    private bool _closed;

    private LiteDbStore(Func<string, IPageFile> open, BlobStore blobs, DataFolder? folder, DiskSpace? space, byte[] key)
    {
        var files = StoreFiles.Open(open, key);
        (_open, _files, _blobs, _folder, _space, _key) = (open, files, blobs, folder, space, key);
        _pages = new LiteDbPages(files);
        _rows = new CurrentRows(_pages);
        _writer = new GroupWriter(_pages, _rows, files, space);
    }

    public IBlobStore Blobs => _blobs;

    /// <summary>The locked folder of a store on disk.</summary>
    public DataFolder Folder => _folder ?? throw new InvalidOperationException("This store lies in no folder.");

    /// <summary>Takes the data folder's lock and opens the store in it, making it (and its key) when there is none.</summary>
    /// <exception cref="StoreLockedException">Another process holds the folder.</exception>
    /// <exception cref="StoreDamagedException">The store cannot be trusted, or was written by another version.</exception>
    public static async Task<LiteDbStore> OpenAsync(
        StoreOptions options, IEnumerable<ICollectionDeclaration> collections, TimeProvider time, CancellationToken cancellationToken = default)
    {
        Check(collections);
        return await Task.Run(() => Open(options, time), cancellationToken);
    }

    public Task<T> WriteAsync<T>(Func<IStoreTransaction, T> work, CancellationToken cancellationToken = default)
    {
        var queued = new Work<T>(work, cancellationToken);
        _writer.Enqueue(queued);
        return queued.Completion;
    }

    public T? Get<T>(Collection<T> collection, ReadOnlySpan<byte> key) where T : class =>
        _rows.Get(collection, key.ToArray());

    public IReadOnlyList<T> Range<T>(
        Collection<T> collection, byte[] from, byte[] to, int limit, bool descending = false, string? index = null) where T : class =>
        _rows.Range(collection.Name, Bounds.Of(collection, from, to, limit, index), limit, descending).ConvertAll(row => RowCodec.Read<T>(row.Value));

    public bool HasRoomFor(long bytes) => _space?.HasRoomFor(bytes) ?? true;

    /// <summary>Removes blobs no committed row of these collections holds; see <see cref="BlobStore.SweepAsync"/>.</summary>
    /// <exception cref="StoreDamagedException">Rows that may hold blobs cannot be read; nothing was removed.</exception>
    public async Task<int> SweepBlobsAsync(IEnumerable<ICollectionDeclaration> collections, CancellationToken cancellationToken = default)
    {
        await _writer.BeginLookAsync();
        try
        {
            return await _blobs.SweepAsync(() => collections.Where(collection => collection.BlobIndex is not null).SelectMany(this.BlobIds), cancellationToken);
        }
        finally
        {
            _writer.EndLook();
        }
    }

    /// <summary>Moves journal and log into the data file now, so that what was deleted is in none.</summary>
    /// <exception cref="StoreFailedException">It could not be moved: nothing is lost, and what was deleted may still be in the files.</exception>
    public Task CheckpointAsync() => _writer.BetweenGroupsAsync(_writer.Destroy);

    /// <summary>Dumps the running store; writes wait while its files are copied; one dump at a time. See <see cref="StoreDump"/>.</summary>
    public async Task<StoreDumpSummary> DumpAsync(
        Stream output, IEnumerable<ICollectionDeclaration> collections, CancellationToken cancellationToken = default)
    {
        using var only = await BeginUpkeepAsync();
        // Read from a copy, as sealed as the files are, so that whoever takes the dump slowly does not hold up writes.
        var copy = Path.Combine(Folder.RunFolder, "dump");
        DataFolder.MakeFolder(copy);
        try
        {
            await _writer.BetweenGroupsAsync(() =>
            {
                foreach (var file in Directory.EnumerateFiles(Folder.Store).Where(file => Path.GetFileName(file) != ValueFile.Name))
                    StoreDump.CopyWhatCanBeRead(file, Path.Combine(copy, Path.GetFileName(file)));
            });
            var pages = await StoreDump.WritePagesAsync(StoreDump.FilesIn(copy), _key, output, cancellationToken);
            var values = await StoreDump.WriteValuesAsync(pages, this, output, cancellationToken);
            return await StoreDump.WriteBlobsAsync(values, _blobs, output, this.HeldBlobs(collections), cancellationToken);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_closed)
            return;
        _closed = true;
        await Task.Run(() =>
        {
            _writer.Close();
            _pages.Dispose();
            _files.Dispose();
            _folder?.Dispose();
        });
    }

    /// <summary>Opens a store over page files, whatever they are kept in.</summary>
    internal static LiteDbStore Open(
        Func<string, IPageFile> open, byte[] key, BlobStore blobs, DataFolder? folder = null, DiskSpace? space = null)
    {
        var store = new LiteDbStore(open, blobs, folder, space, key);
        try
        {
            store._pages.Upgrade();
            store._writer.Start(store.ReadSchema());
            return store;
        }
        catch
        {
            store._pages.Dispose();
            store._files.Dispose();
            throw;
        }
    }

    /// <summary>Makes an empty store; the files are whole once this returns.</summary>
    internal static void Create(Func<string, IPageFile> open, byte[] key, TimeProvider time)
    {
        using var files = StoreFiles.Create(open, key);
        using var pages = new LiteDbPages(files);
        pages.TurnOffAutomaticCheckpoints();
        var overlay = new Overlay();
        new LiteDbTransaction(new CurrentRows(pages), overlay).Put(
            SchemaRow.Rows, new SchemaRow { Version = SchemaRow.Current, CreatedAt = time.GetUtcNow() });
        pages.Commit(overlay);
        pages.Checkpoint();
        files.Failure.ThrowIfHappened();
        files.Mark.Write(files.Log.Acknowledged, files.Log.Round);
    }

    private static LiteDbStore Open(StoreOptions options, TimeProvider time)
    {
        var folder = DataFolder.Lock(options.Path);
        try
        {
            StoreMove.UndoInterrupted(RealDisk.Instance, folder.Store);
            var key = StoreKey.Load(folder, Directory.Exists(folder.Store));
            StoreFolder.Make(RealDisk.Instance, folder.Store, key, time);
            var space = new DiskSpace(folder.Path, options);
            space.LayBallast();
            var store = Open(StoreFolder.FilesIn(RealDisk.Instance, folder.Store), key, new BlobStore(folder.Blobs), folder, space);
            StoreMove.CleanUp(RealDisk.Instance, folder.Store);
            return store;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Names become part of every key and never change; two of the same would share rows.</summary>
    private static void Check(IEnumerable<ICollectionDeclaration> collections)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SchemaRow.Rows.Name };
        foreach (var collection in collections)
        {
            foreach (var name in collection.IndexNames.Prepend(collection.Name))
                if (name.Length is 0 or > 32 || !char.IsAsciiLetter(name[0]) || !name.All(char.IsAsciiLetterOrDigit))
                    throw new InvalidOperationException($"\"{name}\" cannot name a collection or an index: letters and digits only, at most 32.");
            if (!names.Add(collection.Name))
                throw new InvalidOperationException($"Two collections are named {collection.Name}.");
        }
    }
}
