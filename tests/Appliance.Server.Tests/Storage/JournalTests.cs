using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>The journal that acknowledges: what is in it counts as much as what is in the page files, once, and leaves nothing behind.</summary>
public sealed class JournalTests
{
    [Fact]
    public async Task What_was_only_in_the_journal_is_there_after_a_power_cut_and_then_in_the_page_files()
    {
        var disk = await CutOffAsync(notes: 5);
        Assert.Equal(5, Records(disk).Count);
        Assert.Empty(disk.Content("store/log"));
        Assert.Equal(["0", "1", "2", "3", "4"], await SimulatedStore.ReadAllAsync(disk));
        Assert.Empty(disk.Content("store/journal"));
        Assert.Equal(["0", "1", "2", "3", "4"], await SimulatedStore.ReadAllAsync(disk));
    }

    [Fact]
    public async Task A_changed_group_below_an_intact_later_one_is_damage_and_the_last_alone_may_have_been_torn()
    {
        var disk = await CutOffAsync(notes: 5);
        var offsets = Records(disk).ConvertAll(record => (int)record.Page * JournalFile.Block);
        foreach (var offset in offsets.SkipLast(1))
            for (var at = offset; at < offset + 300; at += 7)
                await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk.With("store/journal", Flip(disk, at))));
        Assert.Equal(["0", "1", "2", "3"], await SimulatedStore.ReadAllAsync(disk.With("store/journal", Flip(disk, offsets[^1] + 100))));
    }

    [Fact]
    public async Task Groups_that_the_page_files_have_after_all_are_passed_over()
    {
        var disk = await CutOffAsync(notes: 3);
        var journal = disk.Content("store/journal");
        await using (var store = SimulatedStore.Open(disk))
            await SimulatedStore.PutAsync(store, Note.With("1", "other"));
        // As if the first three had been fed just before the machine stopped, and the journal not begun anew.
        var found = disk.With("store/journal", journal);
        await using (var store = SimulatedStore.Open(found))
            Assert.Equal("other", store.Get(Note.All, Key.Of("1"))!.Tag);
        Assert.Equal(["0", "1", "2"], await SimulatedStore.ReadAllAsync(found));
    }

    [Fact]
    public async Task What_is_deleted_is_in_no_file_after_a_checkpoint_though_it_never_left_the_journal()
    {
        var secret = Encoding.UTF8.GetBytes("a word nobody else writes");
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        await SimulatedStore.PutAsync(store, new Note { Id = "secret", Content = secret });
        Assert.Contains(Records(disk), record => record.Plaintext.AsSpan().IndexOf(secret) >= 0);
        await store.WriteAsync(tx => { tx.Delete(Note.All, Key.Of("secret")); return 0; });
        await store.CheckpointAsync();
        Assert.DoesNotContain(
            PageScan.Read(SimulatedStore.FilesOf(disk), SimulatedStore.Key), page => page.Plaintext.AsSpan().IndexOf(secret) >= 0);
        Assert.All(Journal.Files, file => Assert.Empty(disk.Content("store/" + file.Name)));
    }

    [Fact]
    public async Task Much_that_is_written_without_a_pause_goes_to_the_engine_meanwhile_and_the_journal_stays_small()
    {
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
        {
            var content = new string('x', 200_000);
            for (var i = 0; i < 200; i++)
            {
                await SimulatedStore.PutAsync(store, Note.With($"{i:d3}", "tag", content));
                Assert.InRange(disk.Content("store/journal").Length + disk.Content("store/journal2").Length, 1, 2 * PendingRows.TooMuch);
                if (i % 9 != 0)
                    continue;
                Assert.Equal(i + 1, store.Range(Note.All, [0], [255], 1000).Count);
                Assert.Equal(i + 1, store.Range(Note.All, [0], [255], 1000, index: "tag").Count);
            }
        }
        Assert.Equal(200, (await SimulatedStore.ReadAllAsync(disk)).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public async Task While_the_engine_takes_nothing_the_journal_goes_on_until_it_is_full_and_nothing_is_lost(int keptWhenItFails)
    {
        const int size = 400_000;
        const int written = 100;
        const int fed = (int)PendingRows.Much / size + 1; // so many wait when the engine is fed for the first time
        const int full = (int)PendingRows.TooMuch / size + 1;
        using var goOn = new ManualResetEventSlim(keptWhenItFails == 0);
        var disk = SimulatedStore.NewDisk();
        var kept = new List<string>();
        await using (var store = SimulatedStore.Open(disk))
        {
            disk.FailsAt = path => path == "store/log";
            disk.BeforeWrite = path =>
            {
                if (IsOfFeeder(path))
                    goOn.Wait(TestContext.Current.CancellationToken);
            };
            var refused = 0;
            for (var i = 0; i < written; i++)
            {
                if (kept.Count == keptWhenItFails)
                    goOn.Set();
                try
                {
                    await SimulatedStore.PutAsync(store, Note.With($"{i:d3}", "tag", new string('x', size)));
                    kept.Add($"{i:d3}");
                }
                catch (StoreFailedException)
                {
                    refused++;
                }
            }
            // What came in while the engine was tried fills the journal by itself.
            Assert.InRange(kept.Count, int.Max(full, keptWhenItFails), fed + full);
            Assert.Equal(written, kept.Count + refused);
            Assert.Equal(kept, store.Range(Note.All, [0], [255], 1000).Select(note => note.Id));
            disk.FailsAt = _ => false;
            await SimulatedStore.PutAsync(store, Note.With("later"));
        }
        Assert.Equal([.. kept, "later"], await SimulatedStore.ReadAllAsync(disk));
    }

    [Fact]
    public async Task What_one_file_holds_counts_before_what_the_other_does_whichever_was_begun_first()
    {
        var disk = SimulatedStore.NewDisk();
        SimulatedDisk left;
        await using (var store = SimulatedStore.Open(disk))
        {
            disk.FailsAt = path => path == "store/log";
            for (var i = 0; i < 126; i++)
                await SimulatedStore.PutAsync(store, Note.With($"{i % 7}", $"{i:d3}", new string('x', 100_000)));
            left = disk.AfterPowerCut(Dice.Loses);
            disk.FailsAt = _ => false;
        }
        var (first, second) = (left.Content("store/journal"), left.Content("store/journal2"));
        Assert.All([first, second], file => Assert.NotEmpty(file));
        await using (var store = SimulatedStore.Open(left.With("store/journal", first)))
            Assert.Equal(["119", "120", "121", "122", "123", "124", "125"], store.Range(Note.All, [0], [255], 1000).Select(note => note.Tag));
        // A group of either is missed.
        first[300] ^= 1;
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(left.With("store/journal", first)));
        second[300] ^= 1;
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(left.With("store/journal2", second)));
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(left.With("store/journal", [])));
        // Nor does one pass for the other.
        await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(left.With("store/journal", left.Content("store/journal2"))));
    }

    [Fact]
    public async Task What_failed_in_one_file_is_not_taken_for_what_the_other_got_in_its_place()
    {
        var disk = SimulatedStore.NewDisk();
        var large = new string('x', 100_000);
        using var goOn = new ManualResetEventSlim();
        await using var store = SimulatedStore.Open(disk);
        var writes = 0;
        disk.BeforeWrite = path =>
        {
            if (IsOfFeeder(path))
                goOn.Wait(TestContext.Current.CancellationToken);
        };
        for (var i = 0; disk.Content("store/journal2").Length == 0; i++)
            await SimulatedStore.PutAsync(store, Note.With($"{i:d3}", "tag", large));
        // Written, and then neither synced nor cut off.
        disk.BeforeChange = () =>
        {
            if (++writes > 1)
                throw new IOException("Input/output error.");
        };
        await Assert.ThrowsAsync<StoreFailedException>(() => SimulatedStore.PutAsync(store, Note.With("refused")));
        disk.BeforeChange = () => { };
        // All that was acknowledged leaves the journal, as the mark says, and the next group begins the first file anew.
        var mark = disk.Content("store/mark");
        goOn.Set();
        Assert.True(SpinWait.SpinUntil(() => !disk.Content("store/mark").AsSpan().SequenceEqual(mark), TimeSpan.FromSeconds(30)));
        await SimulatedStore.PutAsync(store, Note.With("after"));
        SimulatedDisk[] left = [disk.AfterPowerCut(Dice.Loses), disk.AfterPowerCut(Dice.Keeps)];
        foreach (var one in left)
        {
            var found = await SimulatedStore.ReadAllAsync(one);
            Assert.Contains("after", found);
            Assert.DoesNotContain("refused", found);
        }
    }

    [Fact]
    public async Task While_the_engine_is_fed_beside_them_works_go_on_and_read_what_is()
    {
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        using var feeding = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        disk.BeforeWrite = path =>
        {
            if (!IsOfFeeder(path))
                return;
            feeding.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
        };
        var i = 0;
        while (!feeding.IsSet)
            await SimulatedStore.PutAsync(store, Note.With($"{i++:d4}", "tag", new string('x', 100_000)));
        for (var end = i + 10; i < end; i++)
        {
            await SimulatedStore.PutAsync(store, Note.With($"{i:d4}", "tag"));
            await SimulatedStore.PutAsync(store, Note.With("0000", $"{i}"));
            Assert.Equal(i + 1, store.Range(Note.All, [0], [255], 1000).Count);
            Assert.Equal(i, store.Range(Note.All, Key.Of("tag"), Key.Of("tag"), 1000, index: "tag").Count);
        }
        Assert.Equal(i, (await SimulatedStore.ReadAllAsync(disk.AfterPowerCut(Dice.Loses))).Count);
        goOn.Set();
        await store.CheckpointAsync();
        Assert.Equal(i, store.Range(Note.All, [0], [255], 1000).Count);
        Assert.All(Journal.Files, file => Assert.Empty(disk.Content("store/" + file.Name)));
    }

    [Fact]
    public async Task A_range_misses_nothing_behind_rows_that_were_fed_and_then_deleted()
    {
        const int old = 10;
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        for (var i = 0; i < old; i++)
            await SimulatedStore.PutAsync(store, Note.With($"a{i}"));
        await store.CheckpointAsync();

        using var goOn = new ManualResetEventSlim();
        using var feeding = new ManualResetEventSlim();
        disk.BeforeWrite = path =>
        {
            if (!IsOfFeeder(path))
                return;
            feeding.Set(); // the engine has the rows, and its log does not
            goOn.Wait(TestContext.Current.CancellationToken);
        };
        var added = new List<string>();
        while (!feeding.IsSet)
        {
            string[] names = [.. Enumerable.Range(added.Count, 500).Select(i => $"b{i:d5}")];
            await store.WriteAsync(
                transaction =>
                {
                    foreach (var name in names)
                        transaction.Add(Note.All, Note.With(name));
                    return true;
                },
                TestContext.Current.CancellationToken);
            added.AddRange(names);
        }
        string[] newest = ["a9", "a8", "a7", "a6", "a5"];
        var seen = await store.WriteAsync(
            transaction =>
            {
                foreach (var name in added)
                    transaction.Delete(Note.All, Key.Of(name));
                return transaction.Range(Note.All, [0], [255], newest.Length, descending: true);
            },
            TestContext.Current.CancellationToken);
        var read = store.Range(Note.All, [0], [255], newest.Length, descending: true);
        goOn.Set();
        Assert.Equal(newest, seen.Select(note => note.Id));
        Assert.Equal(newest, read.Select(note => note.Id));
        await store.CheckpointAsync();
        Assert.Equal(newest, store.Range(Note.All, [0], [255], newest.Length, descending: true).Select(note => note.Id));
    }

    [Fact]
    public async Task A_store_that_is_older_than_journals_gets_one()
    {
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
            await SimulatedStore.PutAsync(store, Note.With("a"));
        disk.Delete("store/journal");
        disk.Delete("store/journal2");
        disk.SyncFolder("store");
        await using (var store = SimulatedStore.Open(disk))
            await SimulatedStore.PutAsync(store, Note.With("b"));
        Assert.Equal(["a", "b"], await SimulatedStore.ReadAllAsync(disk.AfterPowerCut(Dice.Loses)));
    }

    /// <summary>Whether what feeds the engine beside the works writes there. When works pause the writer's own thread does, and who holds that holds the next work.</summary>
    private static bool IsOfFeeder(string path) => path == "store/log" && Thread.CurrentThread.Name == "store feeder";

    /// <summary>A store that lost power when nothing had left its journal.</summary>
    private static async Task<SimulatedDisk> CutOffAsync(int notes)
    {
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        disk.FailsAt = path => path == "store/log"; // however long this takes, the engine gets none of it
        for (var i = 0; i < notes; i++)
            await SimulatedStore.PutAsync(store, Note.With($"{i}", "tag", new string('x', 5000)));
        var left = disk.AfterPowerCut(Dice.Loses);
        disk.FailsAt = _ => false;
        return left;
    }

    private static List<ScannedPage> Records(SimulatedDisk disk) =>
        [.. PageScan.Read(SimulatedStore.FilesOf(disk), SimulatedStore.Key).Where(page => page.File is PageFileKind.Journal or PageFileKind.SecondJournal)];

    private static byte[] Flip(SimulatedDisk disk, int at)
    {
        var bytes = disk.Content("store/journal");
        bytes[at] ^= 1 << 3;
        return bytes;
    }
}
