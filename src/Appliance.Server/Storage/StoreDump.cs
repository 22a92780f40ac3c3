using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Storage.Upkeep;

namespace Appliance.Server.Storage;

/// <summary>What a dump went through.</summary>
/// <param name="Values">Rows that lie apart, in store/values.</param>
public sealed record StoreDumpSummary(int Pages, int DamagedPages, int Values = 0, int DamagedValues = 0, int Blobs = 0, int DamagedBlobs = 0)
{
    public bool IsWhole => DamagedPages + DamagedValues + DamagedBlobs == 0;
}

/// <summary>
/// Writes out all the store's files hold once their own encryption is taken off: every page of 8,192 bytes, free ones,
/// slack and the log's leftovers included, what the journal holds, then every row that lies apart and every blob whose key is known. What members' mail looks like in there is what
/// the operator could see of it. What cannot be read is counted and passed over.
/// </summary>
public static class StoreDump
{
    private const int Piece = 1 << 20;

    /// <summary>
    /// Dumps the pages of a store that does not open, taking its lock. Not rows that lie apart nor blobs: their keys are in the pages.
    /// </summary>
    public static async Task<StoreDumpSummary> WritePagesAsync(StoreOptions options, Stream output, CancellationToken cancellationToken = default)
    {
        using var folder = DataFolder.Lock(options.Path);
        StoreMove.UndoInterrupted(RealDisk.Instance, folder.Store);
        var key = StoreKey.Load(folder, storeExists: true);
        return await WritePagesAsync(FilesIn(folder.Store), key, output, cancellationToken);
    }

    internal static Func<string, IPageFile> FilesIn(string folder) => name => DiskPageFile.OpenToRead(Path.Combine(folder, name));

    /// <summary>Zeros take the place of what the disk does not give back.</summary>
    internal static void CopyWhatCanBeRead(string from, string to)
    {
        using var source = DiskPageFile.OpenToRead(from);
        using var target = DataFolder.OpenPrivate(to, FileMode.Create);
        var piece = new byte[Piece];
        for (var offset = 0L; offset < source.Length; offset += piece.Length)
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, source.Length - offset));
            if (!source.TryRead(part, offset))
                for (var at = 0; at < part.Length; at += PageStream.FrameLength)
                {
                    var frame = part.Slice(at, Math.Min(PageStream.FrameLength, part.Length - at));
                    if (!source.TryRead(frame, offset + at))
                        frame.Clear();
                }
            target.Write(part);
        }
    }

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
        return new StoreDumpSummary(pages, damaged);
    }

    internal static async Task<StoreDumpSummary> WriteValuesAsync(StoreDumpSummary before, LiteDbStore store, Stream output, CancellationToken cancellationToken)
    {
        var (count, damaged) = (0, 0);
        foreach (var batch in store.RawNames().Where(name => !name.Contains('.', StringComparison.Ordinal)).SelectMany(name => store.Walk(name)))
        {
            damaged += batch.Lost.Count;
            foreach (var row in batch.Rows.Where(row => row.Value.Length > LeafChanges.LargestInLeaf))
            {
                count++;
                await output.WriteAsync(row.Value, cancellationToken);
            }
        }
        return before with { Values = count + damaged, DamagedValues = damaged };
    }

    internal static async Task<StoreDumpSummary> WriteBlobsAsync(
        StoreDumpSummary before, IBlobStore store, Stream output, IEnumerable<BlobReference> blobs, CancellationToken cancellationToken)
    {
        var (count, damaged) = (0, 0);
        foreach (var blob in blobs)
        {
            count++;
            try
            {
                for (var offset = 0L; offset < blob.Length; offset += Piece)
                {
                    var length = (int)Math.Min(Piece, blob.Length - offset);
                    await output.WriteAsync(await store.ReadAsync(blob, offset, length, cancellationToken), cancellationToken);
                }
            }
            catch (StoreDamagedException)
            {
                damaged++; // the rest is still wanted
            }
        }
        return before with { Blobs = count, DamagedBlobs = damaged };
    }
}
