using Appliance.Contracts;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Blobs;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Storage.Upkeep;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary><c>store verify</c>: what it finds, and that it finds nothing else. Damaged data pages are in <see cref="BadPageTests"/>.</summary>
public sealed class VerifyTests
{
    [Fact]
    public async Task A_whole_store_has_no_findings()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        for (var i = 0; i < 250; i++)
            await PutAsync(temporary.Store, Note.With($"{i:d3}", i % 3 == 0 ? null : $"{i % 7}", new string('x', 100 * i)));
        await AttachAsync(temporary.Store, "attached", 200_000);
        await temporary.Store.CheckpointAsync();
        await PutAsync(temporary.Store, Note.With("in the log"));

        var report = await VerifyAsync(temporary.Store);
        Assert.Empty(report.Findings);
        Assert.Equal((252, 1, 1, 200_000), (report.Rows["notes"], report.Rows["meta"], report.Blobs, report.BlobBytes));
        var pages = PageScan.Read(StoreDump.FilesIn(temporary.Store.Folder.Store), temporary.Key).ToList();
        Assert.Equal(pages.Count(page => page.Page > 0 || page.File == PageFileKind.Log) + 1, report.Pages);
    }

    [Fact]
    public async Task A_store_that_is_being_written_has_no_findings()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        var store = temporary.Store;
        for (var i = 0; i < 300; i++)
            await PutAsync(store, Note.With($"{i:d3}", $"{i % 7}", new string('x', 2000)));
        using var over = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !over.IsCancellationRequested; i++)
            {
                var blob = i % 10 == writer ? await store.Blobs.WriteAsync(70_000, output => output(new byte[70_000])) : null;
                var id = $"{(i * 37 + writer) % 300:d3}";
                var before = await store.WriteAsync(tx =>
                {
                    var row = tx.Get(Note.All, Key.Of(id));
                    if (i % 3 == 0)
                        tx.Delete(Note.All, Key.Of(id));
                    else
                        tx.Put(Note.All, new Note { Id = id, Tag = $"{i % 11}", Content = new byte[i % 6000], Attached = blob });
                    return row;
                });
                if (before?.Attached is { } old)
                    await store.Blobs.DeleteAsync(old);
                if (i % 200 == 0)
                    await store.CheckpointAsync();
            }
        })).ToList();
        for (var run = 0; run < 4; run++)
            Assert.Empty((await VerifyAsync(store)).Findings);
        await over.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Empty((await VerifyAsync(store)).Findings);
    }

    [Fact]
    public async Task A_page_of_the_log_that_goes_bad_under_a_running_store_is_found()
    {
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        for (var i = 0; i < 5; i++)
            await SimulatedStore.PutAsync(store, Note.With($"{i}", "tag", new string('x', 9000)));
        Assert.Empty((await VerifyAsync(store)).Findings);
        var log = disk.Content("store/log");
        for (var page = 0; page < log.Length / PageStream.FrameLength; page++)
        {
            Flip(disk, "log", page * PageStream.FrameLength + 4000);
            Assert.Equal($"store/log page {page}", Assert.Single((await VerifyAsync(store)).Findings).Where);
            Flip(disk, "log", page * PageStream.FrameLength + 4000);
        }
    }

    [Fact]
    public async Task Page_0_and_the_mark_are_damaged_when_the_copy_that_counts_is()
    {
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        await SimulatedStore.PutAsync(store, Note.With("a"));
        await store.CheckpointAsync(); // round 2
        Flip(disk, "data", (int)DataStream.OffsetOf(0, 1) + 100);
        Assert.Empty((await VerifyAsync(store)).Findings);
        Flip(disk, "data", (int)DataStream.OffsetOf(0, 2) + 100);
        Assert.Equal("store/data page 0", Assert.Single((await VerifyAsync(store)).Findings).Where);
        Flip(disk, "data", (int)DataStream.OffsetOf(0, 2) + 100);
        Flip(disk, "mark", 20);
        Assert.Empty((await VerifyAsync(store)).Findings);
        Flip(disk, "mark", 4096 + 20);
        Assert.Equal("store/mark page 0", Assert.Single((await VerifyAsync(store)).Findings).Where);
    }

    [Fact]
    public async Task What_a_power_cut_leaves_is_no_damage()
    {
        var disk = SimulatedStore.NewDisk();
        var cuts = new List<SimulatedDisk>();
        await using (var store = SimulatedStore.Open(disk))
        {
            for (var i = 0; i < 8; i++)
                await SimulatedStore.PutAsync(store, Note.With($"{i}", "tag", new string('x', 9000)));
            disk.BeforeChange = () => cuts.AddRange([disk.AfterPowerCut(Dice.Loses), disk.AfterPowerCut(Dice.Keeps), disk.AfterPowerCut(new Dice((uint)cuts.Count))]);
            await store.CheckpointAsync();
            await SimulatedStore.PutAsync(store, Note.With("next", content: new string('x', 20_000)));
            disk.BeforeChange = () => { };
        }
        Assert.True(cuts.Count > 12);
        foreach (var left in cuts)
        {
            await using var store = SimulatedStore.Open(left);
            Assert.Empty((await VerifyAsync(store)).Findings);
        }
    }

    [Fact]
    public async Task A_data_file_that_lost_its_end_is_found()
    {
        var disk = await BadPageTests.DiskWithNotesAsync();
        var data = disk.Content("store/data");
        await using var store = SimulatedStore.Open(disk.With("store/data", data[..^(2 * PageStream.FrameLength)]));
        var last = data.Length / PageStream.FrameLength - 2;
        var findings = (await VerifyAsync(store)).Findings;
        Assert.Contains(findings, finding => finding.Where == $"store/data page {last}");
        Assert.Contains(findings, finding => finding.Where == $"store/data page {last - 1}");
    }

    [Fact]
    public async Task A_changed_cut_longer_or_missing_blob_is_found()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        var blobs = new List<string>();
        foreach (var id in new[] { "whole", "changed", "cut", "longer", "missing" })
            blobs.Add(PathOf(temporary, await AttachAsync(temporary.Store, id, 200_000)));
        var changed = await File.ReadAllBytesAsync(blobs[1]);
        changed[^20] ^= 1;
        await File.WriteAllBytesAsync(blobs[1], changed);
        await File.WriteAllBytesAsync(blobs[2], changed[..100_000]);
        await File.AppendAllTextAsync(blobs[3], "x");
        File.Delete(blobs[4]);

        var findings = (await VerifyAsync(temporary.Store)).Findings;
        Assert.Equal(
            blobs[1..].Select(path => "blob " + Path.GetFileName(path)).Zip(
                ["was changed", "has 100000 bytes instead of 200065", "has 200066 bytes instead of 200065", "is missing"]).Order(),
            findings.Select(finding => (finding.Where, finding.Problem)).Order());
    }

    [Fact]
    public async Task A_blob_without_a_row_is_found_once_its_row_can_no_longer_be_on_its_way()
    {
        await using var temporary = await TemporaryStore.OpenAsync(Note.All);
        await AttachAsync(temporary.Store, "kept", 10);
        var orphan = await temporary.Store.Blobs.WriteAsync(10, output => output(new byte[10]));
        Assert.Empty((await VerifyAsync(temporary.Store)).Findings);
        foreach (var file in Directory.EnumerateFiles(temporary.File("blobs"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        Assert.Equal($"blob {orphan.Id}", Assert.Single((await VerifyAsync(temporary.Store)).Findings).Where);
    }

    [Theory]
    [InlineData("bytes that are no row", "cannot be read")]
    [InlineData("the row of another key", "not its own")]
    [InlineData("no entry in the index", "is not found by index tag")]
    [InlineData("another entry in the index", "is not found by index tag", "index tag says")]
    [InlineData("an entry it should not have", "index tag says")]
    public async Task Rows_and_indexes_that_do_not_agree_are_found(string fault, params string[] problems)
    {
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
            for (var i = 0; i < 120; i++)
                await SimulatedStore.PutAsync(store, Note.With($"{i:d3}", $"{i % 7}"));
        var key = Key.Of("050");
        var row = RowCodec.Write(Note.With("050", "1"));
        var entry = IndexEntry.Of("1"u8, key);
        WriteRaw(disk, key, fault switch
        {
            "bytes that are no row" => ([1, 2, 3], entry),
            "the row of another key" => (RowCodec.Write(Note.With("051", "1")), IndexEntry.Of("1"u8, Key.Of("051"))),
            "no entry in the index" => (row, null),
            "another entry in the index" => (row, IndexEntry.Of("2"u8, key)),
            _ => (RowCodec.Write(Note.With("050")), entry),
        });
        await using var damaged = SimulatedStore.Open(disk);
        var findings = (await VerifyAsync(damaged)).Findings;
        Assert.All(problems, problem => Assert.Contains(findings, finding => finding.Problem.Contains(problem, StringComparison.Ordinal)));
        Assert.All(findings, finding => Assert.Matches("^notes 30353[01]$", finding.Where)); // 050 and, where it poses as it, 051
    }

    private static void WriteRaw(SimulatedDisk disk, byte[] key, (byte[] Value, byte[]? Tag) row)
    {
        using var files = StoreFiles.Open(SimulatedStore.FilesOf(disk), SimulatedStore.Key);
        using var pages = new LiteDbPages(files);
        var overlay = new Overlay();
        overlay.Set("notes", key, new Change(row.Value, new IndexEntries(("tag", row.Tag)), IsNew: false));
        pages.Commit(overlay);
        files.Mark.Write(files.Log.Acknowledged, files.Log.Round);
    }

    private static Task<StoreVerifyResponse> VerifyAsync(LiteDbStore store) =>
        StoreVerifier.RunAsync(store, [Note.All], [], TimeProvider.System, CancellationToken.None);

    private static Task PutAsync(LiteDbStore store, Note note) => SimulatedStore.PutAsync(store, note);

    private static async Task<BlobReference> AttachAsync(LiteDbStore store, string id, int length)
    {
        var blob = await store.Blobs.WriteAsync(length, output => output(new byte[length]));
        await PutAsync(store, new Note { Id = id, Attached = blob });
        return blob;
    }

    private static string PathOf(TemporaryStore temporary, BlobReference blob) => new BlobStore(temporary.File("blobs")).PathOf(blob.Id);

    private static void Flip(SimulatedDisk disk, string name, int at)
    {
        var file = disk.Open("store/" + name);
        var bytes = new byte[1];
        file.Read(bytes, at);
        bytes[0] ^= 1;
        file.Write(bytes, at);
    }
}
