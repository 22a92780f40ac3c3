using System.Security.Cryptography;
using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Storage.Upkeep;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary><c>store compact</c> and <c>store rekey</c>: all rows, less space, another key, and one whole store at any moment.</summary>
public sealed class RewriteTests
{
    private const long Plenty = long.MaxValue / 100;
    private static readonly byte[] NewKey = [.. Enumerable.Repeat((byte)7, 32)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everything_is_there_afterwards_in_less_space(bool rekey)
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        var store = temporary.Store;
        await FillAsync(store, 400);
        var blob = await store.Blobs.WriteAsync(100_000, output => output(new byte[100_000]));
        await SimulatedStore.PutAsync(store, new Note { Id = "attached", Attached = blob });
        await store.CheckpointAsync();
        await store.WriteAsync(tx =>
        {
            for (var i = 0; i < 400; i++)
                if (i % 4 != 0)
                    tx.Delete(Note.All, Key.Of($"{i:d3}"));
            return 0;
        });
        await store.CheckpointAsync();
        var (before, key) = (All(store), temporary.Key);

        var done = await StoreRewriter.RunAsync(store, [Note.All], rekey, Plenty, CancellationToken.None);
        Assert.True(done.BytesAfter < done.BytesBefore / 2, $"{done}");
        Assert.Equal(before, All(store));
        Assert.Empty((await VerifyAsync(store)).Findings);
        await SimulatedStore.PutAsync(store, Note.With("later", "7"));
        Assert.Equal(rekey, !key.SequenceEqual(temporary.Key));
        await temporary.OpenAgainAsync();
        Assert.Equal(before.Append("later 7 ").Order(StringComparer.Ordinal), All(temporary.Store).Order(StringComparer.Ordinal));
        Assert.Equal(100_000, (await temporary.Store.Blobs.ReadAsync(temporary.Store.Get(Note.All, Key.Of("attached"))!.Attached!, 0, 100_000)).Length);
        Assert.Equal(["store"], Directory.EnumerateDirectories(temporary.Path, "store*").Select(Path.GetFileName));
        Assert.False(File.Exists(temporary.File("secrets/store.key.new")));
    }

    [Fact]
    public async Task Nothing_of_the_old_pages_is_in_the_new_ones()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        var word = Encoding.UTF8.GetBytes("a word nobody else writes");
        await SimulatedStore.PutAsync(temporary.Store, new Note { Id = "gone", Content = word });
        await temporary.Store.CheckpointAsync();
        await temporary.Store.WriteAsync(tx => { tx.Delete(Note.All, Key.Of("gone")); return 0; });
        Assert.Contains(Pages(), page => page.Plaintext.AsSpan().IndexOf(word) >= 0);
        await StoreRewriter.RunAsync(temporary.Store, [Note.All], rekey: false, Plenty, CancellationToken.None);
        Assert.DoesNotContain(Pages(), page => page.Plaintext.AsSpan().IndexOf(word) >= 0);

        List<ScannedPage> Pages() => [.. PageScan.Read(StoreDump.FilesIn(temporary.File("store")), temporary.Key)];
    }

    [Fact]
    public async Task What_is_written_meanwhile_is_in_the_new_files_too()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        var store = temporary.Store;
        await FillAsync(store, 600);
        using var over = new CancellationTokenSource();
        var written = new Dictionary<string, string>[3];
        var writers = Enumerable.Range(0, written.Length).Select(writer => Task.Run(async () =>
        {
            var mine = written[writer] = [];
            for (var i = 0; !over.IsCancellationRequested; i++)
            {
                var id = $"{i * 17 % 600 / 3 * 3 + writer:d3}"; // a third of the rows each
                if (i % 5 == 0)
                {
                    await store.WriteAsync(tx => { tx.Delete(Note.All, Key.Of(id)); return 0; });
                    mine[id] = "";
                    continue;
                }
                await SimulatedStore.PutAsync(store, Note.With(id, $"{i % 5}", $"{writer} {i}"));
                mine[id] = $"{writer} {i}";
                Assert.Equal(mine[id], Text(store.Get(Note.All, Key.Of(id)))); // reads never miss it, whichever files they are from
            }
        })).ToList();
        for (var i = 0; i < 4; i++)
            await StoreRewriter.RunAsync(store, [Note.All], rekey: i % 2 == 1, Plenty, CancellationToken.None);
        await over.CancelAsync();
        await Task.WhenAll(writers);
        await temporary.OpenAgainAsync();
        foreach (var (id, text) in written.SelectMany(mine => mine))
            Assert.Equal(text, Text(temporary.Store.Get(Note.All, Key.Of(id))));
        Assert.True(written.All(mine => mine.Count > 20));
        Assert.Empty((await VerifyAsync(temporary.Store)).Findings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_power_cut_at_any_moment_leaves_the_old_store_or_the_new_one_whole(bool rekey)
    {
        var disk = SimulatedStore.NewDisk();
        var newKey = rekey ? NewKey : SimulatedStore.Key;
        var cuts = new List<SimulatedDisk>();
        await using (var store = SimulatedStore.Open(disk))
        {
            for (var i = 0; i < 40; i++)
                await SimulatedStore.PutAsync(store, Note.With($"{i:d3}", "tag", new string('x', 3000)));
            disk.BeforeChange = () => cuts.AddRange(
                [disk.AfterPowerCut(Dice.Loses), disk.AfterPowerCut(Dice.Keeps), disk.AfterPowerCut(new Dice((uint)cuts.Count))]);
            await new StoreRewrite(store, [Note.All]).RunAsync(StoreMove.NewFilesIn(disk, "store", newKey), CancellationToken.None);
            StoreMove.CleanUp(disk, "store");
            await SimulatedStore.PutAsync(store, Note.With("040", "tag"));
            disk.BeforeChange = () => { };
        }
        var isNew = 0;
        foreach (var left in cuts)
        {
            StoreMove.UndoInterrupted(left, "store");
            var opens = StoreFiles.AreOf(SimulatedStore.FilesOf(left), SimulatedStore.Key) ? SimulatedStore.Key : newKey;
            Assert.InRange((await SimulatedStore.ReadAllAsync(left, opens)).Count, 40, 41);
            Assert.DoesNotContain(left.Files(""), path => path.Contains("store.", StringComparison.Ordinal));
            isNew += opens == newKey ? 1 : 0;
        }
        Assert.Equal(rekey, isNew > 0 && isNew < cuts.Count);
        Assert.Equal(41, (await SimulatedStore.ReadAllAsync(disk, newKey)).Count);
        if (rekey)
            await Assert.ThrowsAsync<StoreDamagedException>(() => SimulatedStore.ReadAllAsync(disk));
    }

    [Theory]
    [InlineData("store.new, unfinished", false)]
    [InlineData("store.new, whole", false)]
    [InlineData("no store, store.old and store.new", false)]
    [InlineData("new store and store.old", true)]
    [InlineData("new store, store.old and the new key in its place", true)]
    public async Task Whatever_step_of_the_exchange_was_the_last_the_store_opens(string step, bool isNew)
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await FillAsync(temporary.Store, 50);
        await temporary.CloseAsync();
        CopyFolder(temporary.File("store"), temporary.File("old"));
        var oldKey = temporary.Key;
        await temporary.OpenAgainAsync();
        await StoreRewriter.RunAsync(temporary.Store, [Note.All], rekey: true, Plenty, CancellationToken.None);
        await SimulatedStore.PutAsync(temporary.Store, Note.With("new"));
        await temporary.CloseAsync();
        var newKey = temporary.Key;
        Directory.Move(temporary.File("store"), temporary.File("new"));

        if (step.StartsWith("store.new", StringComparison.Ordinal))
            CopyFolder(temporary.File("old"), temporary.File("store"));
        if (step.Contains("store.new", StringComparison.Ordinal))
            CopyFolder(temporary.File("new"), temporary.File("store.new"));
        if (step.Contains("unfinished", StringComparison.Ordinal))
            File.Delete(temporary.File("store.new/mark"));
        if (step.Contains("store.old", StringComparison.Ordinal))
            CopyFolder(temporary.File("old"), temporary.File("store.old"));
        if (isNew)
            CopyFolder(temporary.File("new"), temporary.File("store"));
        if (!step.Contains("key", StringComparison.Ordinal))
        {
            await File.WriteAllBytesAsync(temporary.File("secrets/store.key"), oldKey);
            await File.WriteAllBytesAsync(temporary.File("secrets/store.key.new"), newKey);
        }

        await temporary.OpenAgainAsync();
        Assert.Equal(isNew ? 51 : 50, All(temporary.Store).Count);
        Assert.Equal(isNew ? newKey : oldKey, temporary.Key);
        Assert.Equal(["store"], Directory.EnumerateDirectories(temporary.Path, "store*").Select(Path.GetFileName));
        Assert.False(File.Exists(temporary.File("secrets/store.key.new")));
        await temporary.OpenAgainAsync();
        Assert.Equal(isNew ? 51 : 50, All(temporary.Store).Count);
    }

    [Fact]
    public async Task Too_little_space_is_refused_with_what_to_free_and_nothing_changes()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await FillAsync(temporary.Store, 10);
        var refused = await Assert.ThrowsAsync<UpkeepRefusedException>(
            () => StoreRewriter.RunAsync(temporary.Store, [Note.All], rekey: true, freeBytes: 10 << 20, CancellationToken.None));
        Assert.Matches("has 10 MiB free .*Free 5[0-9] MiB", refused.Message);
        await GoesOnAsAsync(temporary, 10);
    }

    [Fact]
    public async Task A_full_disk_leaves_the_store_as_it_was()
    {
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        await FillAsync(store, 10);
        var files = StoreMove.NewFilesIn(disk, "store", SimulatedStore.Key);
        var changes = 0;
        disk.BeforeChange = () => disk.Full = ++changes > 7; // when the files are there
        await Assert.ThrowsAsync<StoreFailedException>(() => new StoreRewrite(store, [Note.All]).RunAsync(files, CancellationToken.None));
        disk.BeforeChange = () => disk.Full = false;
        await SimulatedStore.PutAsync(store, Note.With("later"));
        Assert.Equal(11, All(store).Count);
    }

    [Fact]
    public async Task New_files_that_do_not_open_are_put_away_again()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await FillAsync(temporary.Store, 10);
        var files = StoreMove.NewFilesIn(RealDisk.Instance, temporary.Store.Folder.Store, temporary.Key);
        var broken = files with
        {
            Exchange = () =>
            {
                files.Exchange();
                File.Delete(temporary.File("store/data"));
            },
        };
        await Assert.ThrowsAsync<UpkeepRefusedException>(() => new StoreRewrite(temporary.Store, [Note.All]).RunAsync(broken, CancellationToken.None));
        await GoesOnAsAsync(temporary, 10);
    }

    [Fact]
    public async Task A_damaged_store_is_not_copied()
    {
        var disk = await BadPageTests.DiskWithNotesAsync();
        var data = disk.Content("store/data");
        data[(int)DataStream.OffsetOf(20, 0) + 100] ^= 1;
        var damaged = disk.With("store/data", data);
        await using var store = SimulatedStore.Open(damaged);
        var files = StoreMove.NewFilesIn(damaged, "store", NewKey);
        var refused = await Assert.ThrowsAsync<UpkeepRefusedException>(() => new StoreRewrite(store, [Note.All]).RunAsync(files, CancellationToken.None));
        Assert.Contains("store verify", refused.Message, StringComparison.Ordinal);
        await SimulatedStore.PutAsync(store, Note.With("later"));
    }

    [Fact]
    public async Task Rows_of_an_unknown_collection_are_not_dropped()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await FillAsync(temporary.Store, 10);
        await temporary.CloseAsync();
        await using var store = await LiteDbStore.OpenAsync(new StoreOptions { Path = temporary.Path }, [], TimeProvider.System);
        var refused = await Assert.ThrowsAsync<UpkeepRefusedException>(
            () => StoreRewriter.RunAsync(store, [], rekey: false, Plenty, CancellationToken.None));
        Assert.Contains("notes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_upkeep_command_at_a_time()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        using (await temporary.Store.BeginUpkeepAsync())
        {
            await Assert.ThrowsAsync<UpkeepRefusedException>(() => VerifyAsync(temporary.Store));
            await Assert.ThrowsAsync<UpkeepRefusedException>(
                () => StoreRewriter.RunAsync(temporary.Store, [Note.All], rekey: false, Plenty, CancellationToken.None));
        }
        Assert.Empty((await VerifyAsync(temporary.Store)).Findings);
    }

    private static async Task GoesOnAsAsync(TemporaryStore temporary, int notes)
    {
        Assert.Equal(notes, All(temporary.Store).Count);
        await SimulatedStore.PutAsync(temporary.Store, Note.With("later"));
        await temporary.OpenAgainAsync();
        Assert.Equal(notes + 1, All(temporary.Store).Count);
        Assert.Equal(["store"], Directory.EnumerateDirectories(temporary.Path, "store*").Select(Path.GetFileName));
        Assert.False(File.Exists(temporary.File("secrets/store.key.new")));
    }

    private static Task FillAsync(LiteDbStore store, int notes) => Task.WhenAll(Enumerable.Range(0, notes).Select(i =>
        SimulatedStore.PutAsync(store, Note.With($"{i:d3}", i % 3 == 0 ? null : $"{i % 7}", Convert.ToHexString(RandomNumberGenerator.GetBytes(2000))))));

    private static List<string> All(LiteDbStore store) =>
        [.. store.Range(Note.All, [0], [255], 1000).Select(note => $"{note.Id} {note.Tag} {Encoding.UTF8.GetString(note.Content)}")];

    private static string Text(Note? note) => note is null ? "" : Encoding.UTF8.GetString(note.Content);

    private static Task<Contracts.StoreVerifyResponse> VerifyAsync(LiteDbStore store) =>
        StoreVerifier.RunAsync(store, [Note.All], [], TimeProvider.System, CancellationToken.None);

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
