using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>
/// Power cuts at every moment of recorded runs, in several ways each: whatever was not synced is lost, kept, torn or
/// reordered. What is left must open, hold every acknowledged work once and whole, and stand going on and a second cut.
/// </summary>
public sealed class PowerCutTests
{
    [Fact]
    public Task While_messages_arrive_change_and_go() => CutEverywhereAsync(1, async (store, run) =>
    {
        for (var i = 0; i < 24; i++)
        {
            await run.History.PutAsync(store, Workloads.Message(i, 200 + i * 700));
            if (i % 3 == 2) // another tag, another length: both indexes change
                await run.History.PutAsync(store, Workloads.Message(i - 1, i * 300) with { Tag = "moved" });
            if (i % 4 == 3)
                await run.History.DeleteAsync(store, Workloads.Id(i - 2));
        }
    });

    [Fact]
    public Task While_several_write_at_once() => CutEverywhereAsync(2, async (store, run) =>
    {
        for (var round = 0; round < 6; round++)
        {
            await Task.WhenAll(Enumerable.Range(round * 8, 8).Select(i => run.History.PutAsync(store, Workloads.Message(i, 1500), Workloads.Message(i + 1000, 10))));
            await Task.WhenAll(
                run.History.DeleteAsync(store, Workloads.Id(round * 8), Workloads.Id(round * 8 + 1000)),
                run.History.PutAsync(store, Workloads.Message(round * 8 + 1, 20_000)));
        }
    });

    [Fact]
    public Task While_checkpoints_move_the_log_into_the_data_file() => CutEverywhereAsync(3, async (store, run) =>
    {
        for (var i = 0; i < 16; i++)
        {
            await run.History.PutAsync(store, Workloads.Message(i, 5000));
            if (i % 2 == 1)
                await store.CheckpointAsync(); // page 0 alternates, the mark is written
            if (i % 5 == 4)
                await run.History.DeleteAsync(store, Workloads.Id(i - 1), Workloads.Id(i - 3));
        }
        await store.CheckpointAsync();
        await store.CheckpointAsync(); // of nothing
        await run.History.PutAsync(store, Workloads.Message(100, 100));
        var mark = run.Disk.Content("store/mark");
        Assert.True(SpinWait.SpinUntil(() => !run.Disk.Content("store/mark").AsSpan().SequenceEqual(mark), TimeSpan.FromSeconds(30)));
        await run.History.PutAsync(store, Workloads.Message(101, 100));
    });

    [Fact]
    public Task While_blobs_come_and_go() => CutEverywhereAsync(4, async (store, run) =>
    {
        for (var i = 0; i < 10; i++)
        {
            await run.History.PutWithBlobAsync(store, Workloads.Message(i, 100), 1 + i * 30_000);
            if (i % 3 == 2)
                await run.History.DeleteWithBlobAsync(store, run.History.Now[Workloads.Id(i - 1)]);
        }
        await Task.WhenAll(Enumerable.Range(10, 6).Select(i => run.History.PutWithBlobAsync(store, Workloads.Message(i, 100), 100_000)));
    });

    [Fact]
    public Task While_rows_as_large_as_may_be_are_written() => CutEverywhereAsync(5, async (store, run) =>
    {
        for (var i = 0; i < 4; i++)
        {
            await run.History.PutAsync(store, Workloads.Message(i, 1_000_000 - i));
            await run.History.PutAsync(store, Workloads.Message(0, 400_000 + i));
            if (i == 2)
                await store.CheckpointAsync();
        }
    });

    [Fact]
    public Task While_the_engine_is_fed_beside_what_comes_next() => CutEverywhereAsync(8, async (store, run) =>
    {
        for (var i = 0; i < 12; i++)
        {
            await run.History.PutAsync(store, Workloads.Message(i % 9, 900_000 + i));
            await run.History.PutAsync(store, Workloads.Message(100 + i, 10));
            if (i % 5 == 4)
                await run.History.DeleteAsync(store, Workloads.Id(i - 1));
        }
    });

    [Fact]
    public Task While_the_store_is_made() =>
        CutEverywhereAsync(6, (store, run) => run.History.PutAsync(store, Workloads.Message(0, 100)), SimulatedStore.EmptyDisk().State);

    /// <summary>Were any of these syncs left out, the tests above would fail.</summary>
    [Theory]
    [InlineData("^store/log$")]
    [InlineData("^store/data$")]
    [InlineData("^store/values$")]
    [InlineData("^blobs/../")]
    [InlineData("^blobs/..$")]
    [InlineData("^blobs$")]
    public async Task A_disk_that_lies_about_its_syncs_is_found_out(string which) =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => new PowerCuts(7, disk => disk.LiesAbout = path => Regex.IsMatch(path, which)).EverywhereAsync(
            SimulatedStore.NewDisk().State,
            async (store, run) =>
            {
                for (var i = 0; i < 6; i++)
                {
                    await run.History.PutWithBlobAsync(store, Workloads.Message(i, 3000), 5000);
                    if (i % 2 == 1)
                        await store.CheckpointAsync();
                }
            }));

    [Fact]
    [Trait("level", "full")]
    public async Task While_works_come_at_random()
    {
        var seconds = Setting("POWER_CUT_SECONDS") ?? 120;
        var start = Setting("POWER_CUT_SEED") ?? (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"From seed {start}");
        var since = Stopwatch.GetTimestamp();
        for (var seed = start; Stopwatch.GetElapsedTime(since).TotalSeconds < seconds; seed++)
            await CutEverywhereAsync(seed, (store, run) => Workloads.RandomAsync(store, run, new Dice(seed)));
    }

    private static uint? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { } value ? uint.Parse(value, CultureInfo.InvariantCulture) : null;

    private static async Task CutEverywhereAsync(uint seed, Func<LiteDbStore, Recording, Task> workload, DiskState? from = null)
    {
        var cuts = new PowerCuts(seed);
        await cuts.EverywhereAsync(from ?? SimulatedStore.NewDisk().State, workload);
        TestContext.Current.TestOutputHelper?.WriteLine($"{cuts.First} cuts, {cuts.Second} second cuts");
    }
}
