using System.Runtime.ExceptionServices;
using Appliance.Server.Storage.Blobs;
using Appliance.Server.Storage.Upkeep;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>What dump, verify, compact and rekey need of the store besides the seam.</summary>
public sealed partial class LiteDbStore
{
    private readonly SemaphoreSlim _upkeep = new(1);

    internal BlobStore BlobFiles => _blobs;

    internal byte[] Key => _key;

    /// <summary>How much of the store's files counts at this moment.</summary>
    internal StoreExtent Extent => new(_files.Data.Round, _files.Log.Pages);

    /// <summary>How long the file of large values is.</summary>
    internal long ValueBytes => _files.Values.Length;

    /// <summary>The store's files to look at beside the engine.</summary>
    internal FrameCheck CheckFrames() => new(_folder is null ? _open : StoreDump.FilesIn(_folder.Store), _key, _files.StoreId);

    internal List<RawRow> RawRange(string collection, string? index, byte[] from, byte[] to, int limit, bool descending = false) =>
        _pages.Range(collection, index, from, to, limit, descending);

    internal List<byte[]> RawOrder(string collection, string? index, byte[] from, byte[] to, int limit, bool descending = false) =>
        _pages.Order(collection, index, from, to, limit, descending);

    internal List<StoredLeaf> RawLeaves(string collection, string? index, byte[] from, byte[] to, int limit, bool descending) =>
        _pages.Leaves(collection, index, from, to, limit, descending);

    internal byte[]? TryRawValue(LeafRow row) => _pages.TryValue(row);

    internal List<byte[]> RawBounds(string collection, string? index, byte[] from, byte[] to, int limit, bool descending) =>
        _pages.Bounds(collection, index, from, to, limit, descending);

    /// <summary>The collections and indexes that have anything in them.</summary>
    internal IReadOnlyList<string> RawNames() => _pages.Names();

    /// <summary>
    /// Only one of dump, verify, compact and rekey at a time: each of them counts on the files staying what they are. Meanwhile the page files have
    /// everything, and the journal nothing.
    /// </summary>
    /// <exception cref="UpkeepRefusedException">Another one is at work.</exception>
    /// <exception cref="StoreFailedException">The page files do not take what the journal holds.</exception>
    internal async Task<IDisposable> BeginUpkeepAsync()
    {
        if (!_upkeep.Wait(0))
            throw new UpkeepRefusedException("Another store command is at work. Wait until it has ended, then run this again.");
        try
        {
            await _writer.BeginLookAsync();
            return new Upkeeping(this);
        }
        catch
        {
            _upkeep.Release();
            throw;
        }
    }

    /// <summary>Runs <paramref name="look"/> while nothing is being written.</summary>
    internal async Task<T> BetweenGroupsAsync<T>(Func<T> look)
    {
        var seen = default(T)!;
        await _writer.BetweenGroupsAsync(() => seen = look());
        return seen;
    }

    /// <summary>From now on <paramref name="committed"/> is told what was written; null ends it.</summary>
    internal Task WatchAsync(Action<Overlay>? committed) => _writer.BetweenGroupsAsync(() => _writer.Committed = committed);

    /// <summary>
    /// Between two groups: has <paramref name="complete"/> finish the others, closes the files, has <paramref name="exchange"/> put the others in
    /// their place, and goes on in those, under <paramref name="key"/>. Reads wait meanwhile. When the others do not open,
    /// <paramref name="undo"/> puts the first ones back.
    /// </summary>
    internal Task ExchangeFilesAsync(byte[] key, Action complete, Action exchange, Action undo) => _writer.BetweenGroupsAsync(() =>
    {
        complete();
        ExceptionDispatchInfo? failed = null;
        _pages.Exchange(() =>
        {
            _files.Dispose();
            try
            {
                exchange();
                _files = StoreFiles.Open(_open, key);
                _key = key;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreDamagedException or StoreFailedException)
            {
                failed = ExceptionDispatchInfo.Capture(error);
                undo();
                _files = StoreFiles.Open(_open, _key);
            }
            return _files;
        });
        _writer.GoOnIn(_files);
        failed?.Throw();
    });

    /// <summary>One damaged page must not keep the others from being served, not even the one that says the version.</summary>
    private SchemaRow? ReadSchema()
    {
        SchemaRow? row;
        try
        {
            row = Get(SchemaRow.Rows, SchemaRow.OnlyKey);
        }
        catch (StoreDamagedException)
        {
            return null;
        }
        SchemaRow.Check(row);
        return row;
    }

    private sealed class Upkeeping(LiteDbStore store) : IDisposable
    {
        public void Dispose()
        {
            store._writer.EndLook();
            store._upkeep.Release();
        }
    }
}
