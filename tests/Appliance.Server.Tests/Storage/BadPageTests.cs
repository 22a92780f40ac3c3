using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Storage.Upkeep;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>One page of the data file is bad: everything that is not on it is served, nothing wrong is.</summary>
public sealed class BadPageTests
{
    private const int Notes = 300;
    private const int LargeNotes = 80;
    private const int LargePages = LargeNotes / 2;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whichever_page_is_bad_the_rest_is_served_and_nothing_wrong_is(bool mediumFails)
    {
        var disk = await DiskWithNotesAsync();
        var lostTo = new List<int>();
        foreach (var (page, damaged) in EachBadPage(disk, mediumFails))
        {
            var lost = 0;
            await using var store = SimulatedStore.Open(damaged);
            for (var round = 0; round < 2; round++) // the engine is as good after a bad read as before
                for (var i = 0; i < Notes; i++)
                {
                    try
                    {
                        Assert.Equal(Content(i), Encoding.UTF8.GetString(store.Get(Note.All, Key.Of($"{i:d3}"))!.Content));
                    }
                    catch (StoreDamagedException)
                    {
                        lost++;
                    }
                }
            lost /= 2;
            try
            {
                Assert.Equal(Notes, store.Range(Note.All, [0], [255], 1000, index: "tag").Count);
            }
            catch (StoreDamagedException)
            {
                lost = Math.Max(lost, 1); // entries of the index alone may lie there
            }
            lostTo.Add(lost);
        }
        // A page of rows takes its few rows along. The index has seven pages here: those lead to many rows, the two where each search begins to all.
        Assert.All(lostTo, lost => Assert.True(lost > 0));
        Assert.InRange(lostTo.Count(lost => lost > Notes / 10), 2, 7);
        Assert.True(lostTo.Count > LargePages, $"{lostTo.Count} pages");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Verify_names_the_bad_page_and_no_other_and_every_row_it_takes_along(bool mediumFails)
    {
        var disk = await DiskWithNotesAsync();
        foreach (var (page, damaged) in EachBadPage(disk, mediumFails))
        {
            await using var store = SimulatedStore.Open(damaged);
            var report = await StoreVerifier.RunAsync(store, [Note.All], [], TimeProvider.System, CancellationToken.None);
            Assert.Equal($"store/data page {page}", Assert.Single(report.Findings, finding => finding.Where.StartsWith("store/", StringComparison.Ordinal)).Where);
            Assert.All(report.Findings, finding => Assert.Contains("backup", finding.Remedy, StringComparison.Ordinal));
            var unreadable = 0;
            for (var i = 0; i < Notes; i++)
            {
                try
                {
                    _ = store.Get(Note.All, Key.Of($"{i:d3}"));
                }
                catch (StoreDamagedException)
                {
                    unreadable++;
                    var name = "notes " + Convert.ToHexStringLower(Key.Of($"{i:d3}"));
                    Assert.Contains(report.Findings, finding => finding.Where == name || finding.Problem.Contains("cannot be found", StringComparison.Ordinal));
                }
            }
        }
    }

    [Fact]
    public async Task The_service_starts_over_any_bad_page_and_goes_on_taking_what_needs_it_not()
    {
        var disk = await DiskWithNotesAsync();
        var taken = 0;
        foreach (var (_, damaged) in EachBadPage(disk, mediumFails: false))
        {
            await using var store = SimulatedStore.Open(damaged);
            try
            {
                await SimulatedStore.PutAsync(store, Note.With("new", "tag", "new"));
                Assert.Equal("new", Encoding.UTF8.GetString(store.Get(Note.All, Key.Of("new"))!.Content));
                taken++;
            }
            catch (StoreFailedException)
            {
                // Finding the new row's place in the index needs that page.
            }
        }
        Assert.True(taken > LargePages / 2, $"{taken} taken");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_large_rows_lie_apart_a_bad_place_takes_its_one_row_along(bool mediumFails)
    {
        const int rows = 12;
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
        {
            for (var i = 0; i < rows; i++)
                await SimulatedStore.PutAsync(store, Note.With($"{i:d3}", $"{i}", new string('x', 5000 + i)));
            await store.CheckpointAsync();
        }
        for (var bad = 0; bad < rows; bad++)
        {
            var (bytes, at) = (disk.Content("store/values"), bad * 8192 + 4200);
            if (!mediumFails)
                bytes[at] ^= 1;
            var damaged = disk.With("store/values", bytes);
            damaged.BadSector = mediumFails ? ("store/values", at) : null;
            await using var store = SimulatedStore.Open(damaged);
            for (var i = 0; i < rows; i++)
                if (i == bad)
                    Assert.Throws<StoreDamagedException>(() => store.Get(Note.All, Key.Of($"{bad:d3}")));
                else
                    Assert.Equal(5000 + i, store.Get(Note.All, Key.Of($"{i:d3}"))!.Content.Length);
            var finding = Assert.Single((await StoreVerifier.RunAsync(store, [Note.All], [], TimeProvider.System, CancellationToken.None)).Findings);
            Assert.Equal(("notes " + Convert.ToHexStringLower(Key.Of($"{bad:d3}")), true), (finding.Where, finding.Problem.Contains("store/values", StringComparison.Ordinal)));
            var files = StoreMove.NewFilesIn(damaged, "store", SimulatedStore.Key);
            await Assert.ThrowsAsync<UpkeepRefusedException>(() => new StoreRewrite(store, [Note.All]).RunAsync(files, CancellationToken.None));
            await SimulatedStore.PutAsync(store, Note.With($"{bad:d3}", "mended", new string('y', 6000)));
            await store.CheckpointAsync();
            Assert.Equal(rows, store.Range(Note.All, [0], [255], 1000).Count);
        }
    }

    [Fact]
    public async Task A_sector_of_the_log_that_cannot_be_read_is_damage_and_no_crash()
    {
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
            await SimulatedStore.PutAsync(store, Note.With("a", content: new string('x', 30_000)));
        disk.BadSector = ("store/log", PageStream.FrameLength + 100);
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk));
        disk.BadSector = ("store/mark", 20);
        Assert.Equal(["a"], await SimulatedStore.ReadAllAsync(disk));
    }

    internal static string Content(int i) => $"{i} " + new string((char)('a' + i % 26), i < LargeNotes ? 2900 : 50);

    internal static async Task<SimulatedDisk> DiskWithNotesAsync()
    {
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        for (var i = 0; i < Notes; i++)
            await SimulatedStore.PutAsync(store, Note.With($"{i * 7 % Notes:d3}", $"{i % 7}", Content(i * 7 % Notes)));
        await store.CheckpointAsync();
        return disk;
    }

    private static IEnumerable<(uint Page, SimulatedDisk Disk)> EachBadPage(SimulatedDisk disk, bool mediumFails)
    {
        var data = disk.Content("store/data");
        var last = (data.Length - DataStream.PreambleLength) / PageStream.FrameLength - 2;
        for (var page = 1u; page <= last; page++)
        {
            var at = DataStream.OffsetOf(page, 0) + 3000;
            var bytes = data.ToArray();
            if (!mediumFails)
                bytes[at] ^= 1;
            var damaged = disk.With("store/data", bytes);
            damaged.BadSector = mediumFails ? ("store/data", at) : null;
            yield return (page, damaged);
        }
    }
}
