using System.Collections.Concurrent;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Blobs;

/// <summary>
/// One file for each blob, named by its id, in a folder named by the id's first two characters. Nothing but the key in
/// the row opens it, so dropping the row destroys the blob even where a disk keeps the old blocks.
/// </summary>
internal sealed class BlobStore(string root, IDisk disk) : IBlobStore
{
    private readonly Lock _folders = new();
    private ConcurrentDictionary<ObjectId, byte>? _writtenBeforeSweep = new();
    private bool _foldersAreDurable;

    public BlobStore(string root)
        : this(root, RealDisk.Instance)
    {
    }

    public async Task<BlobReference> WriteAsync(long length, Action<Action<ReadOnlySpan<byte>>> write, CancellationToken cancellationToken = default)
    {
        var blob = new BlobReference(ObjectId.New(), RandomNumberGenerator.GetBytes(32), length);
        _writtenBeforeSweep?.TryAdd(blob.Id, 0);
        var path = PathOf(blob.Id);
        try
        {
            await Task.Run(() => Write(blob, write, path), cancellationToken);
        }
        catch (Exception error)
        {
            TryDelete(path);
            if (error is not (IOException or UnauthorizedAccessException))
                throw;
            throw new StoreFailedException($"A blob could not be written: {error.Message} Free the disk or repair it.", error);
        }
        return blob;
    }

    public async Task<byte[]> ReadAsync(BlobReference blob, long offset, int length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, blob.Length - length);
        return await Task.Run(() => Read(blob, offset, length), cancellationToken);
    }

    public Task DeleteAsync(BlobReference blob, CancellationToken cancellationToken = default) =>
        Task.Run(() => disk.Delete(PathOf(blob.Id)), cancellationToken);

    /// <summary>
    /// Removes files no committed row names. <paramref name="live"/> is asked after the files are listed, so what was
    /// committed meanwhile is safe; what this process is still about to commit is left alone.
    /// </summary>
    /// <returns>How many files went.</returns>
    public async Task<int> SweepAsync(Func<IEnumerable<ObjectId>> live, CancellationToken cancellationToken = default) => await Task.Run(
        () =>
        {
            var files = disk.Files(root);
            var kept = live().ToHashSet();
            var removed = 0;
            foreach (var path in files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!ObjectId.TryParse(Path.GetFileName(path), out var id)
                    || kept.Contains(id) || _writtenBeforeSweep?.ContainsKey(id) == true)
                    continue;
                disk.Delete(path);
                removed++;
            }
            _writtenBeforeSweep = null;
            return removed;
        },
        cancellationToken);

    /// <summary>Opens every chunk; what is wrong, or null.</summary>
    public async Task<string?> CheckAsync(BlobReference blob, CancellationToken cancellationToken)
    {
        const int piece = 1 << 20;
        try
        {
            using (var file = disk.OpenToRead(PathOf(blob.Id)))
                if (IsThere(blob.Id) && file.Length != BlobFormat.FileLength(blob.Length))
                    return $"has {file.Length} bytes instead of {BlobFormat.FileLength(blob.Length)}";
            for (var offset = 0L; offset == 0 || offset < blob.Length; offset += piece)
                await ReadAsync(blob, offset, (int)Math.Min(piece, blob.Length - offset), cancellationToken);
            return null;
        }
        catch (StoreDamagedException)
        {
            return IsThere(blob.Id) ? "was changed" : "is missing";
        }
    }

    /// <summary>The blobs there are files of, each with the time it was last written.</summary>
    public IEnumerable<(ObjectId Id, DateTimeOffset WrittenAt)> Files() =>
        from path in disk.Files(root)
        let id = ObjectId.TryParse(Path.GetFileName(path), out var parsed) ? parsed : (ObjectId?)null
        where id is not null
        select (id.Value, disk.WrittenAt(path));

    public bool IsThere(ObjectId id) => disk.HasFile(PathOf(id));

    public string PathOf(ObjectId id)
    {
        var name = id.ToString();
        return Path.Combine(root, name[..2], name);
    }

    private void Write(BlobReference blob, Action<Action<ReadOnlySpan<byte>>> write, string path)
    {
        var shard = Path.GetDirectoryName(path)!;
        MakeFolder(shard);
        using (var file = disk.Create(path))
        {
            using var writer = new BlobWriter(blob, file);
            write(writer.Write);
            writer.Finish();
            file.Sync();
        }
        disk.SyncFolder(shard);
    }

    /// <summary>That a folder is there does not say that its name was synced: whoever made it may have been killed before.</summary>
    private void MakeFolder(string shard)
    {
        lock (_folders)
        {
            if (_foldersAreDurable && disk.HasFolder(shard))
                return;
            _foldersAreDurable = false;
            disk.MakeFolder(shard);
            disk.SyncFolder(root);
            _foldersAreDurable = true;
        }
    }

    private byte[] Read(BlobReference blob, long offset, int length)
    {
        var path = PathOf(blob.Id);
        try
        {
            using var file = disk.OpenToRead(path);
            return BlobFormat.Read(blob, file, offset, length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StoreDamagedException($"Blob {blob.Id} is missing or was changed. Restore it from a backup.", error);
        }
    }

    private void TryDelete(string path)
    {
        try
        {
            disk.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The sweep at the next start takes it.
        }
    }
}
