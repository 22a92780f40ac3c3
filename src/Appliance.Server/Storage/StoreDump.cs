using Appliance.Server.Storage.Blobs;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage;

/// <summary>What a dump or a check went through.</summary>
public sealed record StoreDumpSummary(int Pages, int DamagedPages, int Blobs, int DamagedBlobs);

/// <summary>
/// Writes out all the store's files hold once their own encryption is taken off: every page of 8,192 bytes, free ones,
/// slack and the log's leftovers included, then every blob whose key is known. What members' mail looks like in there is what
/// the operator could see of it. The store must be closed, or held still by <see cref="LiteDb.LiteDbStore.DumpAsync"/>.
/// </summary>
public static class StoreDump
{
    private const int BlobPiece = 1 << 20;

    /// <summary>Dumps the closed store of a data folder, taking its lock.</summary>
    public static async Task<StoreDumpSummary> WriteAsync(
        StoreOptions options, Stream output, IEnumerable<BlobReference> blobs, CancellationToken cancellationToken = default)
    {
        using var folder = DataFolder.Lock(options.Path);
        var key = StoreKey.Load(folder, storeExists: true);
        var pages = await WritePagesAsync(FilesIn(folder.Store), key, output, cancellationToken);
        return await WriteBlobsAsync(pages, new BlobStore(folder.Blobs), output, blobs, cancellationToken);
    }

    internal static Func<string, IPageFile> FilesIn(string folder) => name => DiskPageFile.OpenToRead(Path.Combine(folder, name));

    internal static async Task<StoreDumpSummary> WritePagesAsync(
        Func<string, IPageFile> open, byte[] key, Stream output, CancellationToken cancellationToken)
    {
        var (pages, damaged) = (0, 0);
        foreach (var page in PageScan.Read(open, key))
        {
            pages++;
            if (!page.Intact)
                damaged++;
            await output.WriteAsync(page.Plaintext, cancellationToken);
        }
        return new StoreDumpSummary(pages, damaged, 0, 0);
    }

    internal static async Task<StoreDumpSummary> WriteBlobsAsync(
        StoreDumpSummary pages, IBlobStore store, Stream output, IEnumerable<BlobReference> blobs, CancellationToken cancellationToken)
    {
        var (count, damaged) = (0, 0);
        foreach (var blob in blobs)
        {
            count++;
            try
            {
                for (var offset = 0L; offset < blob.Length; offset += BlobPiece)
                {
                    var length = (int)Math.Min(BlobPiece, blob.Length - offset);
                    await output.WriteAsync(await store.ReadAsync(blob, offset, length, cancellationToken), cancellationToken);
                }
            }
            catch (StoreDamagedException)
            {
                damaged++; // the rest is still wanted
            }
        }
        return pages with { Blobs = count, DamagedBlobs = damaged };
    }
}
