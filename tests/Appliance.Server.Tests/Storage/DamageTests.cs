using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

public sealed class DamageTests
{
    [Fact]
    public async Task A_log_that_lost_its_end_is_damage()
    {
        var disk = await DiskWithNotesAsync(checkpoint: false);
        var log = disk.Content("store/log");
        foreach (var length in new[] { 0, PageStream.FrameLength, log.Length - PageStream.FrameLength, log.Length - 1 })
            await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("store/log", log[..length])));
    }

    [Fact]
    public async Task A_bad_page_below_an_intact_later_group_is_damage_even_when_the_mark_is_behind()
    {
        var disk = await DiskWithNotesAsync(checkpoint: false);
        var log = disk.Content("store/log");
        var behind = WithMarkBehind(disk, log);
        Assert.Equal(5, (await SimulatedStore.ReadAllAsync(behind)).Count);
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(WithMarkBehind(disk, Flip(log, 100))));
        // The last group alone may have been torn.
        var torn = await SimulatedStore.ReadAllAsync(WithMarkBehind(disk, Flip(log, log.Length - 100)));
        Assert.Equal(4, torn.Count);
    }

    [Fact]
    public async Task What_a_torn_group_left_behind_is_never_taken_for_a_later_one()
    {
        var disk = await DiskWithNotesAsync(checkpoint: false);
        await using (var store = SimulatedStore.Open(disk))
            await store.WriteAsync(tx =>
            {
                for (var i = 0; i < 20; i++)
                    tx.Put(Note.All, Note.With($"torn {i}", content: new string('x', 2900)));
                return 0;
            });
        var last = Scan(disk).Where(page => page.File == PageFileKind.Log).GroupBy(page => page.Fields.Group).MaxBy(group => group.Key)!;
        var torn = WithMarkBehind(disk, Flip(disk.Content("store/log"), (int)last.First().Page * PageStream.FrameLength + 100));
        await using (var store = SimulatedStore.Open(torn))
            await SimulatedStore.PutAsync(store, Note.With("next"));
        Assert.Equal(["0", "1", "2", "3", "4", "next"], await SimulatedStore.ReadAllAsync(torn));
        Assert.All(Scan(torn), page => Assert.True(page.Intact && page.Fields.Group != last.Key));
    }

    [Fact]
    public async Task A_log_that_a_checkpoint_had_no_time_to_empty_is_ignored()
    {
        var before = await DiskWithNotesAsync(checkpoint: false);
        var log = before.Content("store/log");
        await using (var store = SimulatedStore.Open(before))
            await store.CheckpointAsync();
        var disk = before.With("store/log", log);
        using (var files = StoreFiles.Open(SimulatedStore.FilesOf(disk), SimulatedStore.Key))
            Assert.Equal(0u, files.Log.Pages);
        await using (var store = SimulatedStore.Open(disk))
            await SimulatedStore.PutAsync(store, Note.With("later"));
        Assert.Equal(6, (await SimulatedStore.ReadAllAsync(disk)).Count);
    }

    [Fact]
    public async Task A_log_from_before_the_last_checkpoint_is_damage()
    {
        var before = await DiskWithNotesAsync(checkpoint: false);
        var after = before.With("store/log", before.Content("store/log"));
        await using (var store = SimulatedStore.Open(after))
        {
            await store.CheckpointAsync();
            await SimulatedStore.PutAsync(store, Note.With("later"));
        }
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(after.With("store/log", before.Content("store/log"))));
    }

    [Fact]
    public async Task A_damaged_page_of_rows_is_refused_when_it_is_read()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true);
        var marker = Encoding.UTF8.GetBytes(new string('x', 1000));
        var page = Scan(disk).First(page => page.Page > 0 && page.Plaintext.AsSpan().IndexOf(marker) >= 0);
        var damaged = disk.With("store/data", Flip(disk.Content("store/data"), (int)DataStream.OffsetOf(page.Page, 0) + 5000));
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(damaged));
    }

    [Fact]
    public async Task Page_0_is_written_to_its_two_places_in_turn()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true); // round 2: made in 0, checkpointed when made and now
        var headers = Scan(disk).Where(page => page is { File: PageFileKind.Data, Page: 0 }).ToList();
        Assert.Equal([2ul, 1ul], headers.Select(page => page.Fields.Round));

        var data = disk.Content("store/data");
        var older = (int)DataStream.OffsetOf(0, 1) + 100;
        var newer = (int)DataStream.OffsetOf(0, 2) + 100;
        Assert.Equal(5, (await SimulatedStore.ReadAllAsync(disk.With("store/data", Flip(data, older)))).Count);
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("store/data", Flip(data, newer))));
    }

    [Fact]
    public async Task Either_copy_of_the_mark_may_be_torn_but_not_both()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true);
        var mark = disk.Content("store/mark");
        var (first, second) = (Flip(mark, 20), Flip(mark, 4096 + 20));
        Assert.Equal(5, (await SimulatedStore.ReadAllAsync(disk.With("store/mark", first))).Count);
        Assert.Equal(5, (await SimulatedStore.ReadAllAsync(disk.With("store/mark", second))).Count);
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("store/mark", Flip(first, 4096 + 20))));
    }

    [Fact]
    public async Task A_page_in_another_place_is_not_that_page()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true);
        var data = disk.Content("store/data");
        var (one, two) = ((int)DataStream.OffsetOf(1, 0), (int)DataStream.OffsetOf(2, 0));
        data.AsSpan(one, PageStream.FrameLength).CopyTo(data.AsSpan(two));
        Assert.Single(Scan(disk.With("store/data", data)), page => !page.Intact);
    }

    [Fact]
    public async Task Refuses_files_that_are_no_store_and_stores_of_a_newer_format()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true);
        var data = disk.Content("store/data");
        var foreign = await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("store/data", Flip(data, 0))));
        Assert.Contains("not a store", foreign.Message, StringComparison.Ordinal);
        data[9] = 2;
        var newer = await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("store/data", data)));
        Assert.Contains("format 2", newer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_readable_reaches_the_files_and_nothing_deleted_stays_in_them()
    {
        var secret = Encoding.UTF8.GetBytes("a word nobody else writes");
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
        {
            await SimulatedStore.PutAsync(store, new Note { Id = "secret", Tag = "t", Content = secret });
            Assert.Contains(Scan(disk), page => page.Plaintext.AsSpan().IndexOf(secret) >= 0);
            Assert.All(["data", "log", "mark", "journal"], name => Assert.True(disk.Content("store/" + name).AsSpan().IndexOf(secret) < 0));
            await store.CheckpointAsync();
            Assert.Contains(Scan(disk), page => page.Plaintext.AsSpan().IndexOf(secret) >= 0);
            await store.WriteAsync(tx => { tx.Delete(Note.All, Key.Of("secret")); return 0; });
            await store.CheckpointAsync();
        }
        Assert.DoesNotContain(Scan(disk), page => page.Plaintext.AsSpan().IndexOf(secret) >= 0);
    }

    private static async Task<SimulatedDisk> DiskWithNotesAsync(bool checkpoint)
    {
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        for (var i = 0; i < 5; i++)
        {
            await SimulatedStore.PutAsync(store, Note.With($"{i}", "tag", new string('x', 2900)));
            await store.BetweenGroupsAsync(() => 0); // each is a group of the log, too
        }
        if (checkpoint)
            await store.CheckpointAsync();
        return disk;
    }

    /// <summary>The log as given, and the mark still at the last checkpoint.</summary>
    private static SimulatedDisk WithMarkBehind(SimulatedDisk disk, byte[] log)
    {
        var behind = disk.With("store/log", log);
        using var files = StoreFiles.Open(SimulatedStore.FilesOf(disk), SimulatedStore.Key);
        var sealer = new FrameSealer(SimulatedStore.Key, DataStream.ReadStoreId(behind.Open("store/data")), PageFileKind.Mark);
        behind.Open("store/mark").SetLength(0);
        using var mark = new Mark(behind.Open("store/mark"), sealer);
        mark.Write(files.Data.Group, files.Data.Round);
        return behind;
    }

    private static List<ScannedPage> Scan(SimulatedDisk disk) => [.. PageScan.Read(SimulatedStore.FilesOf(disk), SimulatedStore.Key)];

    private static byte[] Flip(byte[] bytes, int at)
    {
        var flipped = bytes.ToArray();
        flipped[at] ^= 1 << 3;
        return flipped;
    }
}
