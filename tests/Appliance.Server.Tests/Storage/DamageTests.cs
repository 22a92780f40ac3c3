using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Tests.Storage;

public sealed class DamageTests
{
    [Fact]
    public async Task One_flipped_bit_in_any_acknowledged_log_page_is_damage()
    {
        var disk = await DiskWithNotesAsync(checkpoint: false);
        var log = disk.Content("log");
        Assert.True(log.Length >= 8 * PageStream.FrameLength);
        for (var at = 0; at < log.Length; at += PageStream.FrameLength / 3)
            await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("log", Flip(log, at))));
    }

    [Fact]
    public async Task A_log_that_lost_its_end_is_damage()
    {
        var disk = await DiskWithNotesAsync(checkpoint: false);
        var log = disk.Content("log");
        foreach (var length in new[] { 0, PageStream.FrameLength, log.Length - PageStream.FrameLength, log.Length - 1 })
            await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("log", log[..length])));
    }

    [Fact]
    public async Task A_log_from_before_the_last_checkpoint_is_damage()
    {
        var before = await DiskWithNotesAsync(checkpoint: false);
        var after = before.With("log", before.Content("log"));
        await using (var store = SimulatedStore.Open(after))
        {
            await store.CheckpointAsync();
            await SimulatedStore.PutAsync(store, Note.With("later"));
        }
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(after.With("log", before.Content("log"))));
    }

    [Fact]
    public async Task One_flipped_bit_in_any_data_page_is_found()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true);
        var data = disk.Content("data");
        Assert.All(Scan(disk), page => Assert.True(page.Intact));
        for (var at = DataStream.PreambleLength; at < data.Length; at += PageStream.FrameLength / 3)
            Assert.Single(Scan(disk.With("data", Flip(data, at))), page => !page.Intact);
    }

    [Fact]
    public async Task A_damaged_page_of_rows_is_refused_when_it_is_read()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true);
        var marker = Encoding.UTF8.GetBytes(new string('x', 1000));
        var page = Scan(disk).First(page => page.Page > 0 && page.Plaintext.AsSpan().IndexOf(marker) >= 0);
        var damaged = disk.With("data", Flip(disk.Content("data"), (int)DataStream.OffsetOf(page.Page, 0) + 5000));
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(damaged));
    }

    [Fact]
    public async Task Page_0_is_written_to_its_two_places_in_turn()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true); // round 2: made in 0, checkpointed when made and now
        var headers = Scan(disk).Where(page => page is { File: PageFileKind.Data, Page: 0 }).ToList();
        Assert.Equal([2ul, 1ul], headers.Select(page => page.Fields.Round));

        var data = disk.Content("data");
        var older = (int)DataStream.OffsetOf(0, 1) + 100;
        var newer = (int)DataStream.OffsetOf(0, 2) + 100;
        Assert.Equal(5, (await SimulatedStore.ReadAllAsync(disk.With("data", Flip(data, older)))).Count);
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("data", Flip(data, newer))));
    }

    [Fact]
    public async Task Either_copy_of_the_mark_may_be_torn_but_not_both()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true);
        var mark = disk.Content("mark");
        var (first, second) = (Flip(mark, 20), Flip(mark, 4096 + 20));
        Assert.Equal(5, (await SimulatedStore.ReadAllAsync(disk.With("mark", first))).Count);
        Assert.Equal(5, (await SimulatedStore.ReadAllAsync(disk.With("mark", second))).Count);
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("mark", Flip(first, 4096 + 20))));
    }

    [Fact]
    public async Task A_page_in_another_place_is_not_that_page()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true);
        var data = disk.Content("data");
        var (one, two) = ((int)DataStream.OffsetOf(1, 0), (int)DataStream.OffsetOf(2, 0));
        data.AsSpan(one, PageStream.FrameLength).CopyTo(data.AsSpan(two));
        Assert.Single(Scan(disk.With("data", data)), page => !page.Intact);
    }

    [Fact]
    public async Task Refuses_files_that_are_no_store_and_stores_of_a_newer_format()
    {
        var disk = await DiskWithNotesAsync(checkpoint: true);
        var data = disk.Content("data");
        var foreign = await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("data", Flip(data, 0))));
        Assert.Contains("not a store", foreign.Message, StringComparison.Ordinal);
        data[9] = 2;
        var newer = await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("data", data)));
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
            Assert.All(["data", "log", "mark"], name => Assert.True(disk.Content(name).AsSpan().IndexOf(secret) < 0));
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
            await SimulatedStore.PutAsync(store, Note.With($"{i}", "tag", new string('x', 9000)));
        if (checkpoint)
            await store.CheckpointAsync();
        return disk;
    }

    private static List<ScannedPage> Scan(SimulatedDisk disk) => [.. PageScan.Read(disk.Open, SimulatedStore.Key)];

    private static byte[] Flip(byte[] bytes, int at)
    {
        var flipped = bytes.ToArray();
        flipped[at] ^= 1 << 3;
        return flipped;
    }
}
