using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>A disk that refuses a write: nothing false is acknowledged, nothing acknowledged is lost, and work goes on when it can.</summary>
public sealed class WriteErrorTests
{
    private const int Notes = 900; // of which two fill a page

    [Fact]
    public async Task A_full_disk_refuses_writes_goes_on_reading_and_takes_writes_again_when_there_is_room()
    {
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
        {
            await SimulatedStore.PutAsync(store, Note.With("a", "tag"));
            disk.Full = true;
            await Assert.ThrowsAsync<StoreFailedException>(() => SimulatedStore.PutAsync(store, Note.With("b", "tag")));
            Assert.NotNull(store.Get(Note.All, Key.Of("a")));
            Assert.Null(store.Get(Note.All, Key.Of("b"))); // what was refused is not seen either
            Assert.Equal(["a"], store.Range(Note.All, Key.Of("tag"), Key.Of("tag"), 10, index: "tag").Select(note => note.Id));
            await Assert.ThrowsAsync<StoreFailedException>(() => SimulatedStore.PutAsync(store, Note.With("c", "tag")));
            disk.Full = false;
            await SimulatedStore.PutAsync(store, Note.With("d", "tag"));
            Assert.Equal(["a", "d"], store.Range(Note.All, Key.Of("tag"), Key.Of("tag"), 10, index: "tag").Select(note => note.Id));
        }
        Assert.Equal(["a", "d"], await SimulatedStore.ReadAllAsync(disk));
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_says_so_and_loses_nothing()
    {
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
        {
            for (var i = 0; i < 5; i++)
                await SimulatedStore.PutAsync(store, Note.With($"{i}", "tag", new string('x', 9000)));
            disk.Full = true;
            await Assert.ThrowsAsync<StoreFailedException>(() => store.CheckpointAsync());
            Assert.Equal(5, store.Range(Note.All, Key.Of("tag"), Key.Of("tag"), 10, index: "tag").Count);
            disk.Full = false;
            await SimulatedStore.PutAsync(store, Note.With("5", "tag"));
            await store.CheckpointAsync();
            Assert.Empty(disk.Content("store/log"));
        }
        Assert.Equal(["0", "1", "2", "3", "4", "5"], await SimulatedStore.ReadAllAsync(disk));
    }

    [Fact]
    public async Task A_checkpoint_that_fails_half_way_loses_nothing_either()
    {
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
        {
            for (var i = 0; i < Notes; i++)
                await SimulatedStore.PutAsync(store, NoteOf(i));
            var (before, writes) = (disk.Content("store/data").Length, 0);
            disk.FailsAt = path => path == "store/data" && ++writes > 2;
            await Assert.ThrowsAsync<StoreFailedException>(() => store.CheckpointAsync());
            Assert.InRange(disk.Content("store/data").Length - before, 1, Notes * 2900);
            Assert.Equal(Enumerable.Range(0, Notes).Select(i => Encoding.UTF8.GetString(NoteOf(i).Content)), store.Range(Note.All, [0], [255], 1000).Select(note => Encoding.UTF8.GetString(note.Content)));
            disk.FailsAt = _ => false;
            await store.CheckpointAsync();
            Assert.Empty(disk.Content("store/log"));
        }
        Assert.Equal(Notes, (await SimulatedStore.ReadAllAsync(disk)).Count);
    }

    private static Note NoteOf(int i) => Note.With($"{i:d3}", "tag", new string((char)('a' + i % 26), 2900));

    /// <summary>
    /// Every change to the disk fails in its turn, those of a checkpoint included: once, or often enough that the write is given up. The store
    /// goes on, and the power is cut before each of its next changes. A copy of page 0 whose sync failed, a torn group, a log that was
    /// not cut: none may come back over what was acknowledged since.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task After_any_failed_change_the_next_power_cut_loses_nothing_that_was_acknowledged(int times)
    {
        var total = await RunAsync(new Failing(int.MaxValue, 0));
        Assert.InRange(total, 20, 200);
        for (var first = 0; first < total; first++)
            await RunAsync(new Failing(first, times));
    }

    private sealed record Failing(int First, int Times)
    {
        public int After => First + Times;
    }

    private static async Task<int> RunAsync(Failing failing)
    {
        const int puts = 8;
        var disk = SimulatedStore.NewDisk();
        var changes = 0;
        var acknowledged = new List<string>();
        var cuts = new List<(SimulatedDisk Left, string[] Acknowledged)>();
        await using (var store = SimulatedStore.Open(disk))
        {
            disk.BeforeChange = () =>
            {
                var change = changes++;
                if (change >= failing.First && change < failing.After)
                    throw new IOException("The disk fails here.");
                if (change >= failing.After && change < failing.After + 10)
                    for (var way = 0u; way < 2; way++)
                        cuts.Add((disk.AfterPowerCut(new Dice((uint)(failing.First * 31 + change) * 5 + way)), [.. acknowledged]));
            };
            for (var i = 0; i < puts; i++)
            {
                if (i is 3 or 5)
                    await SucceedsAsync(store.CheckpointAsync());
                // Small ones after large ones, which leave a longer tail.
                if (await SucceedsAsync(SimulatedStore.PutAsync(store, Note.With($"{i}", "tag", new string('x', i % 2 == 0 ? 20_000 : 300)))))
                    acknowledged.Add($"{i}");
            }
            Assert.InRange(acknowledged.Count, failing.Times > 1 ? puts - failing.Times : puts, puts);
            Assert.Equal(acknowledged, store.Range(Note.All, [0], [255], 1000).Select(note => note.Id));
            disk.BeforeChange = () => { };
        }
        Assert.Equal(acknowledged, await SimulatedStore.ReadAllAsync(disk));
        foreach (var (left, promised) in cuts)
        {
            var found = await SimulatedStore.ReadAllAsync(left);
            Assert.Subset(Enumerable.Range(0, puts).Select(i => $"{i}").ToHashSet(), found.ToHashSet()); // tried, if not acknowledged
            Assert.Superset(promised.ToHashSet(), found.ToHashSet());
        }
        return changes;
    }

    private static async Task<bool> SucceedsAsync(Task task)
    {
        try
        {
            await task;
            return true;
        }
        catch (StoreFailedException)
        {
            return false;
        }
    }
}
