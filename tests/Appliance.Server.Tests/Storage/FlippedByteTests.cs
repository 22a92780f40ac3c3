using Appliance.Server.Storage;
using Appliance.Server.Storage.Blobs;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>
/// A flipped byte anywhere is reported or does no harm, and is never given out as data. Every run tries each field of each
/// frame, the full one each byte.
/// </summary>
public sealed class FlippedByteTests
{
    private const int TagLength = 16;
    private const int Fields = FrameSealer.Overhead - TagLength;

    /// <summary>The first and the last byte of version, era, group, round, last group acknowledged, nonce, ciphertext and tag.</summary>
    private static readonly int[] InEachField =
    [
        0, 1, 2, 5, 6, 13, 14, 21, 22, 29, 30, Fields - 1, Fields, Fields + LogStream.ConfirmOffset, Fields + 4000, Fields + PageStream.PageLength - 1,
        PageStream.FrameLength - TagLength, PageStream.FrameLength - 1,
    ];

    [Fact]
    public Task In_the_log_it_is_found_at_opening() => InTheLogAsync(SomeOf, messages: 14);

    [Fact]
    [Trait("level", "full")]
    public Task In_the_log_every_one_is_found_at_opening() => InTheLogAsync(AllOf, messages: 2);

    [Fact]
    public Task In_the_data_file_it_is_found_by_a_scan_and_never_read() => InTheDataFileAsync(SomeOf, messages: 14, read: true);

    [Fact]
    [Trait("level", "full")]
    public Task In_the_data_file_every_one_is_found_by_a_scan() => InTheDataFileAsync(AllOf, messages: 2, read: false);

    [Fact]
    public async Task In_the_preamble_it_is_found_at_opening()
    {
        var disk = (await RunAsync(checkpoint: true)).Disk;
        for (var at = 0; at < DataStream.PreambleLength; at++)
            Assert.Throws<StoreDamagedException>(() => SimulatedStore.Open(Flipped(disk, "store/data", at)));
    }

    [Fact]
    public async Task In_the_mark_it_does_no_harm_because_there_is_another_copy()
    {
        var run = await RunAsync(checkpoint: true);
        var length = run.Disk.Content("store/mark").Length;
        for (var at = 0; at < length; at += at % 4096 < 80 ? 1 : 89)
            await CheckAsync(run, Flipped(run.Disk, "store/mark", at));
    }

    [Fact]
    public async Task In_a_large_row_it_is_found_at_reading()
    {
        var run = await RunAsync(checkpoint: true);
        var length = run.Disk.Content("store/values").Length;
        var found = 0;
        for (var at = 0; at < length; at += 997)
        {
            var error = await Record.ExceptionAsync(() => CheckAsync(run, Flipped(run.Disk, "store/values", at))); // or behind the row nothing has changed
            Assert.True(error is null or StoreDamagedException, error?.ToString());
            found += error is null ? 0 : 1;
        }
        Assert.InRange(found, length / 997 * 2 / 3, length / 997);
    }

    [Fact]
    public Task In_a_blob_it_is_found_at_reading() => InABlobAsync(stride: 17);

    [Fact]
    [Trait("level", "full")]
    public Task In_a_blob_every_one_is_found_at_reading() => InABlobAsync(stride: 1);

    private static async Task InTheLogAsync(Func<int, IEnumerable<int>> positions, int messages)
    {
        var disk = (await RunAsync(checkpoint: false, messages)).Disk;
        var frames = disk.Content("store/log").Length / PageStream.FrameLength;
        Assert.True(frames > messages);
        foreach (var at in positions(frames))
            Assert.Throws<StoreDamagedException>(() => StoreFiles.Open(SimulatedStore.FilesOf(Flipped(disk, "store/log", at)), SimulatedStore.Key));
    }

    private static async Task InTheDataFileAsync(Func<int, IEnumerable<int>> positions, int messages, bool read)
    {
        var run = await RunAsync(checkpoint: true, messages);
        var frames = (run.Disk.Content("store/data").Length - DataStream.PreambleLength) / PageStream.FrameLength;
        Assert.True(frames > messages / 2);
        var outcomes = new Dictionary<int, bool>();
        foreach (var at in positions(frames))
        {
            var disk = Flipped(run.Disk, "store/data", DataStream.PreambleLength + at);
            Assert.Single(PageScan.Read(SimulatedStore.FilesOf(disk), SimulatedStore.Key), page => !page.Intact);
            if (!read)
                continue;
            var error = await Record.ExceptionAsync(() => CheckAsync(run, disk)); // or everything is as it was
            Assert.True(error is null or StoreDamagedException, error?.ToString());
            var frame = at / PageStream.FrameLength;
            Assert.Equal(outcomes.TryAdd(frame, error is null) ? error is null : outcomes[frame], error is null);
        }
        if (read)
            Assert.InRange(outcomes.Values.Count(harmless => harmless), 1, 3); // the older copy of page 0, and free pages
    }

    private static async Task InABlobAsync(int stride)
    {
        var disk = SimulatedStore.EmptyDisk();
        var blob = await new BlobStore("blobs", disk).WriteAsync(BlobFormat.ChunkLength + 500, output => output(new byte[BlobFormat.ChunkLength + 500]));
        var path = Assert.Single(disk.Files("blobs"));
        var length = disk.Content(path).Length;
        for (var at = 0; at < length; at += at < 40 || at > length - 600 ? 1 : stride)
            await Assert.ThrowsAsync<StoreDamagedException>(() => new BlobStore("blobs", Flipped(disk, path, at)).ReadAsync(blob, 0, (int)blob.Length));
    }

    private static Task<Recording> RunAsync(bool checkpoint, int messages = 14) =>
        Recording.OfAsync(SimulatedStore.NewDisk().State, new History(), 0, async (store, run) =>
        {
            for (var i = 0; i < messages; i++)
                await run.History.PutAsync(store, Workloads.Message(i, i * 1000), Workloads.Message(100 + i, 2900), Workloads.Message(200 + i, 2900));
            if (checkpoint)
                await store.CheckpointAsync();
        });

    private static async Task CheckAsync(Recording run, SimulatedDisk disk)
    {
        await using var store = SimulatedStore.Open(disk);
        await run.History.CheckAsync(store, disk, run.History.Acknowledged);
    }

    private static SimulatedDisk Flipped(SimulatedDisk disk, string path, int at)
    {
        var flipped = new SimulatedDisk(disk.State);
        using var file = flipped.Open(path);
        Span<byte> one = stackalloc byte[1];
        file.Read(one, at);
        one[0] ^= 1 << 3;
        file.Write(one, at);
        return flipped;
    }

    private static IEnumerable<int> SomeOf(int frames) =>
        Enumerable.Range(0, frames).SelectMany(frame => InEachField.Select(at => frame * PageStream.FrameLength + at));

    private static IEnumerable<int> AllOf(int frames) => Enumerable.Range(0, frames * PageStream.FrameLength);
}
