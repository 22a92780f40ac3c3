using System.Globalization;
using Appliance.Contracts;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Storage.Upkeep;

/// <summary><c>store compact</c> and <c>store rekey</c>: the running store is copied into new files, under its key or under a new one.</summary>
public sealed class StoreRewriter(StoreHost host, IEnumerable<ICollectionDeclaration> collections, IOptions<StoreOptions> options)
{
    private const long Margin = 64L << 20; // the new files' log, and what arrives meanwhile

    /// <exception cref="UpkeepRefusedException">It cannot be done; nothing was changed.</exception>
    /// <exception cref="StoreFailedException">The new files could not be written; nothing was changed.</exception>
    public Task<StoreRewriteResponse> CompactAsync(CancellationToken cancellationToken) =>
        RunAsync(host.Store, collections, rekey: false, FreeBytes(), cancellationToken);

    /// <inheritdoc cref="CompactAsync"/>
    public Task<StoreRewriteResponse> RekeyAsync(CancellationToken cancellationToken) =>
        RunAsync(host.Store, collections, rekey: true, FreeBytes(), cancellationToken);

    internal static async Task<StoreRewriteResponse> RunAsync(
        LiteDbStore store, IEnumerable<ICollectionDeclaration> collections, bool rekey, long freeBytes, CancellationToken cancellationToken)
    {
        if (rekey && StoreKey.CredentialPath is not null)
            throw new UpkeepRefusedException(
                "The store key is the systemd credential store-key, which only systemd can replace. Stop the service, write the credential's 32 bytes to "
                + "secrets/store.key in the data folder (mode 0600), take the credential out of the unit, run this again, and put the new secrets/store.key into the credential.");
        using var only = await store.BeginUpkeepAsync();
        return await Task.Run(
            async () =>
            {
                var folder = store.Folder;
                var before = BytesOf(folder);
                CheckSpace(store, freeBytes);
                try
                {
                    var files = StoreMove.NewFilesIn(RealDisk.Instance, folder.Store, rekey ? StoreKey.MakeNext(folder) : store.Key);
                    await new StoreRewrite(store, collections).RunAsync(files, cancellationToken);
                }
                catch (IOException error)
                {
                    throw new StoreFailedException($"The store could not be copied: {error.Message} It goes on as it was. Free the disk or repair it.", error);
                }
                finally
                {
                    StoreMove.CleanUp(RealDisk.Instance, folder.Store);
                    StoreKey.Settle(folder);
                }
                return new StoreRewriteResponse(before, BytesOf(folder));
            },
            cancellationToken);
    }

    private static void CheckSpace(LiteDbStore store, long freeBytes)
    {
        using var frames = store.CheckFrames();
        var needed = (frames.UsedPages(store.Extent) * PageStream.FrameLength + store.ValueBytes) * 11 / 10 + Margin;
        if (freeBytes < needed)
            throw new UpkeepRefusedException(string.Create(
                CultureInfo.InvariantCulture,
                $"The copy needs about {needed >> 20} MiB and the disk has {Math.Max(0, freeBytes) >> 20} MiB free (beside the reserve). Free {(needed - freeBytes >> 20) + 1} MiB and run this again."));
    }

    private static long BytesOf(DataFolder folder) => new DirectoryInfo(folder.Store).EnumerateFiles().Sum(file => file.Length);

    private long FreeBytes() => new DiskSpace(host.Folder.Path, options.Value).AvailableBytes;
}
