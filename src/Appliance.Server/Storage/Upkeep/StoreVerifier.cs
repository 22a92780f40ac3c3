using Appliance.Contracts;
using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>
/// <c>store verify</c>: opens every frame and every blob, reads every row, and compares rows with indexes and with each other, while
/// the service reads and writes. A suspicion becomes a finding when it still holds while nothing is written.
/// </summary>
public sealed class StoreVerifier(
    StoreHost host, IEnumerable<ICollectionDeclaration> collections, IEnumerable<IStoreCheck> checks, TimeProvider time)
{
    private const string RestoreRemedy = "The rest is served. Restore the newest backup, or save what can be read with: appliance store dump";

    /// <summary>A younger file without a row may be one whose row is on its way.</summary>
    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(1);

    /// <exception cref="StoreFailedException">The store takes no writes, so nothing can be looked at twice.</exception>
    public Task<StoreVerifyResponse> RunAsync(CancellationToken cancellationToken) => RunAsync(host.Store, collections, checks, time, cancellationToken);

    internal static async Task<StoreVerifyResponse> RunAsync(
        LiteDbStore store,
        IEnumerable<ICollectionDeclaration> collections,
        IEnumerable<IStoreCheck> checks,
        TimeProvider time,
        CancellationToken cancellationToken) =>
        await Task.Run(
            async () =>
            {
                using var only = await store.BeginUpkeepAsync();
                var run = new Run(store, cancellationToken);
                await run.CheckFramesAsync();
                ICollectionDeclaration[] all = [SchemaRow.Rows, .. collections];
                foreach (var collection in all)
                    await run.CheckRowsAsync(collection);
                await run.CheckOrphansAsync(all, time.GetUtcNow() - OrphanAge);
                var inspection = new StoreInspection(store, run.Findings, run.Incomplete);
                foreach (var check in checks)
                    await check.RunAsync(inspection, cancellationToken);
                return new StoreVerifyResponse(run.Pages, run.Rows, run.Blobs, run.BlobBytes, run.Findings.Listed, run.Findings.LeftOut);
            },
            cancellationToken);

    private sealed class Run(LiteDbStore store, CancellationToken cancellationToken)
    {
        public Findings Findings { get; } = new();

        public long Pages { get; private set; }

        public SortedDictionary<string, long> Rows { get; } = new(StringComparer.Ordinal);

        /// <summary>Collections of which some rows could not be read.</summary>
        public HashSet<string> Incomplete { get; } = [];

        public long Blobs { get; private set; }

        public long BlobBytes { get; private set; }

        public async Task CheckFramesAsync()
        {
            using var frames = store.CheckFrames();
            foreach (var suspects in frames.Suspects(store.Extent).Chunk(1000))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var damaged = await store.BetweenGroupsAsync(() =>
                {
                    var (extent, logged) = (store.Extent, frames.LoggedPages(store.Extent));
                    return suspects.Where(place => frames.IsDamaged(place, extent, logged)).ToList();
                });
                foreach (var place in damaged)
                    Findings.Add(place.ToString(), "was changed or lost", RestoreRemedy);
            }
            Pages = frames.Pages;
        }

        public async Task CheckRowsAsync(ICollectionDeclaration collection)
        {
            Rows[collection.Name] = 0;
            foreach (var batch in store.Walk(collection.Name))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (batch.IsGap)
                    Findings.Add(collection.Name, "rows cannot be found: a page of their index is damaged", RestoreRemedy);
                foreach (var key in batch.Unreadable)
                    Findings.Add(Name(collection, key), "and what follows it cannot be found: it lies on a damaged page", RestoreRemedy);
                foreach (var key in batch.Lost)
                    Findings.Add(Name(collection, key), "is lost: what it has in store/values was changed", RestoreRemedy);
                if (!batch.IsWhole)
                    Incomplete.Add(collection.Name);
                Rows[collection.Name] += batch.Rows.Count;
                await ReportAsync(batch.Rows.Where(row => ProblemOf(collection, row) is not null).Select(row => row.Key), collection);
                foreach (var row in batch.Rows)
                    if (collection.TryDecode(row.Value)?.Blob is { } blob)
                        await CheckBlobAsync(collection, row.Key, blob);
            }
            foreach (var index in collection.IndexNames)
                await CheckIndexAsync(collection, index);
        }

        public async Task CheckOrphansAsync(IEnumerable<ICollectionDeclaration> collections, DateTimeOffset writtenBefore)
        {
            var holders = collections.Where(collection => collection.BlobIndex is not null).ToList();
            if (holders.Count == 0)
                return;
            foreach (var (id, writtenAt) in store.BlobFiles.Files())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (writtenAt < writtenBefore && IsOrphan() && await store.BetweenGroupsAsync(IsOrphan))
                    Findings.Add($"blob {id}", "is named by no row", "Restart the service: it removes such files when it starts.");

                bool IsOrphan()
                {
                    try
                    {
                        var bytes = id.ToBytes();
                        return store.BlobFiles.IsThere(id) && !holders.Exists(holder =>
                            store.RawOrder(holder.Name, holder.BlobIndex, IndexEntry.First(bytes), IndexEntry.Last(bytes), 1).Count > 0);
                    }
                    catch (StoreDamagedException)
                    {
                        return false; // its row may be on the page that cannot be read
                    }
                }
            }
        }

        /// <summary>Every entry leads to a row that says it belongs there. That every row has its entries is asked of the rows.</summary>
        private async Task CheckIndexAsync(ICollectionDeclaration collection, string index)
        {
            foreach (var batch in store.Walk(collection.Name, index))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!batch.IsWhole)
                    Findings.Add($"{collection.Name}, index {index}", "is incomplete: one of its pages is damaged", RestoreRemedy);
                var suspects = batch.Rows.Select(entry => entry.Order).Where(IsStray).ToList();
                var stray = suspects.Count == 0 ? [] : await store.BetweenGroupsAsync(() => suspects.Where(IsStray).ToList());
                foreach (var entry in stray)
                    Findings.Add(
                        Name(collection, IndexEntry.KeyOf(entry)), $"is not the row that index {index} says it is", RestoreRemedy);
            }

            bool IsStray(byte[] entry)
            {
                try
                {
                    return store.RawOrder(collection.Name, index, entry, entry, 1).Count > 0
                        && !(Row(collection, IndexEntry.KeyOf(entry)) is { } row && collection.TryDecode(row.Value)?.Entries[index].AsSpan().SequenceEqual(entry) == true);
                }
                catch (StoreDamagedException)
                {
                    return false; // the row is reported already
                }
            }
        }

        private async Task ReportAsync(IEnumerable<byte[]> suspects, ICollectionDeclaration collection)
        {
            var keys = suspects.ToList();
            if (keys.Count == 0)
                return;
            var problems = await store.BetweenGroupsAsync(() => keys.ConvertAll(key => ProblemAt(collection, key)));
            foreach (var (key, problem) in keys.Zip(problems))
                if (problem is not null)
                    Findings.Add(Name(collection, key), problem, RestoreRemedy);
        }

        private string? ProblemAt(ICollectionDeclaration collection, byte[] key)
        {
            try
            {
                return Row(collection, key) is { } row ? ProblemOf(collection, row) : null;
            }
            catch (StoreDamagedException)
            {
                return "is hard to find: a page of the index is damaged";
            }
        }

        private string? ProblemOf(ICollectionDeclaration collection, RawRow row)
        {
            if (collection.TryDecode(row.Value) is not { } decoded)
                return "cannot be read: another version wrote it, or its content was changed";
            if (!decoded.Key.AsSpan().SequenceEqual(row.Key))
                return "is stored under a key that is not its own";
            foreach (var (index, entry) in decoded.Entries)
                if (entry is not null && !IsIndexed(collection, index, entry, row))
                    return $"is not found by index {index}";
            return null;
        }

        private bool IsIndexed(ICollectionDeclaration collection, string index, byte[] entry, RawRow row)
        {
            try
            {
                return store.RawRange(collection.Name, index, entry, entry, 2) is [var found]
                    && found.Key.AsSpan().SequenceEqual(row.Key) && found.Value.AsSpan().SequenceEqual(row.Value);
            }
            catch (StoreDamagedException)
            {
                return false;
            }
        }

        private async Task CheckBlobAsync(ICollectionDeclaration collection, byte[] key, BlobReference blob)
        {
            Blobs++;
            BlobBytes += blob.Length;
            if (await store.BlobFiles.CheckAsync(blob, cancellationToken) is null)
                return;
            // Its row may have gone, and the file with it.
            if (await store.BetweenGroupsAsync(IsHeld) && await store.BlobFiles.CheckAsync(blob, cancellationToken) is { } problem)
                Findings.Add($"blob {blob.Id}", problem, "The rest is served. Restore the newest backup.");

            bool IsHeld()
            {
                try
                {
                    return Row(collection, key) is { } row && collection.TryDecode(row.Value)?.Blob?.Id == blob.Id;
                }
                catch (StoreDamagedException)
                {
                    return true;
                }
            }
        }

        private RawRow? Row(ICollectionDeclaration collection, byte[] key) => store.RawRange(collection.Name, null, key, key, 1).FirstOrDefault();

        private static string Name(ICollectionDeclaration collection, byte[] key) => $"{collection.Name} {Convert.ToHexStringLower(key)}";
    }
}
