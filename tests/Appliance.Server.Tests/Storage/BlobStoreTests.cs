using System.Security.Cryptography;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Blobs;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

public sealed class BlobStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("appliance-blobs-").FullName;
    private readonly BlobStore _blobs;

    public BlobStoreTests() => _blobs = new BlobStore(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    [InlineData(1_000_000)]
    [InlineData(1_044_223)] // with its tags, what fits in memory
    [InlineData(1_044_224)]
    [InlineData(3_000_000)]
    public async Task Gives_back_any_part_of_what_was_written(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        var blob = await _blobs.WriteAsync(length, output =>
        {
            output(content.AsSpan(0, length / 3));
            output(content.AsSpan(length / 3));
        });
        Assert.Equal(length, blob.Length);
        Assert.Equal(content, await _blobs.ReadAsync(blob, 0, length));
        var (from, to) = (length / 5, length * 4 / 5);
        Assert.Equal(content[from..to], await _blobs.ReadAsync(blob, from, to - from));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(65_535)]
    [InlineData(65_537)]
    public async Task Pieces_may_be_of_any_length(int pieceLength)
    {
        var content = RandomNumberGenerator.GetBytes(pieceLength == 1 ? 200_000 : 2_300_000);
        var blob = await _blobs.WriteAsync(content.Length, output =>
        {
            foreach (var piece in content.Chunk(pieceLength))
                output(piece);
        });
        Assert.Equal(content, await _blobs.ReadAsync(blob, 0, content.Length));
        Assert.Null(await _blobs.CheckAsync(blob, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Refuses_to_read_past_the_end()
    {
        var blob = await _blobs.WriteAsync(10, output => output(new byte[10]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _blobs.ReadAsync(blob, 5, 6));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(200_000)]
    public async Task A_blob_of_another_length_than_was_said_is_not_kept(int length)
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _blobs.WriteAsync(10, output => output(new byte[length])));
        Assert.Empty(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Nothing_is_left_of_a_blob_that_could_not_be_made()
    {
        await Assert.ThrowsAsync<CryptographicException>(() => _blobs.WriteAsync(200_000, output =>
        {
            output(new byte[100_000]);
            throw new CryptographicException();
        }));
        Assert.Empty(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_flipped_bit_is_damage_in_the_chunk_it_is_in()
    {
        var content = RandomNumberGenerator.GetBytes(200_000);
        var blob = await _blobs.WriteAsync(content.Length, output => output(content));
        var path = _blobs.PathOf(blob.Id);
        var file = await File.ReadAllBytesAsync(path);
        Assert.True(file.AsSpan().IndexOf(content.AsSpan(0, 32)) < 0);
        file[70_000] ^= 1; // in the second chunk
        await File.WriteAllBytesAsync(path, file);
        Assert.Equal(content[..65_536], await _blobs.ReadAsync(blob, 0, 65_536));
        Assert.Equal(content[140_000..], await _blobs.ReadAsync(blob, 140_000, 60_000));
        await Assert.ThrowsAsync<StoreDamagedException>(() => _blobs.ReadAsync(blob, 65_530, 10));
    }

    [Fact]
    public async Task A_cut_or_missing_or_other_file_is_damage()
    {
        var blob = await _blobs.WriteAsync(100_000, output => output(new byte[100_000]));
        var other = await _blobs.WriteAsync(100_000, output => output(new byte[100_000]));
        await Assert.ThrowsAsync<StoreDamagedException>(() => _blobs.ReadAsync(blob with { Id = other.Id }, 0, 10));
        await using (var file = File.OpenWrite(_blobs.PathOf(blob.Id)))
            file.SetLength(70_000);
        await Assert.ThrowsAsync<StoreDamagedException>(() => _blobs.ReadAsync(blob, 0, 100_000));
        await _blobs.DeleteAsync(blob);
        await Assert.ThrowsAsync<StoreDamagedException>(() => _blobs.ReadAsync(blob, 0, 1));
        await _blobs.DeleteAsync(blob);
    }

    [Fact]
    public async Task The_sweep_takes_orphans_and_leaves_what_is_named_or_new()
    {
        var live = await _blobs.WriteAsync(10, output => output(new byte[10]));
        var orphan = await _blobs.WriteAsync(10, output => output(new byte[10]));
        var afterRestart = new BlobStore(_root);
        var uncommitted = await afterRestart.WriteAsync(10, output => output(new byte[10]));
        Assert.Equal(1, await afterRestart.SweepAsync(() => [live.Id]));
        Assert.True(File.Exists(_blobs.PathOf(live.Id)));
        Assert.True(File.Exists(_blobs.PathOf(uncommitted.Id)));
        Assert.False(File.Exists(_blobs.PathOf(orphan.Id)));
    }

    [Fact]
    public async Task A_folder_left_unsynced_by_a_killed_process_is_synced_before_a_blob_in_it_counts()
    {
        var disk = SimulatedStore.EmptyDisk();
        const string letters = "abcdefghijklmnopqrstuvwxyz234567"; // an id is base32
        foreach (var first in letters)
            foreach (var second in letters)
                disk.MakeFolder($"blobs/{first}{second}");
        var blob = await new BlobStore("blobs", disk).WriteAsync(10, output => output(new byte[10]));
        Assert.Equal(new byte[10], await new BlobStore("blobs", disk.AfterPowerCut(Dice.Loses)).ReadAsync(blob, 0, 10));
    }

    [Fact]
    public async Task A_blob_that_cannot_be_written_is_a_failed_write()
    {
        var notAFolder = Path.Combine(_root, "file");
        await File.WriteAllBytesAsync(notAFolder, [1]);
        await Assert.ThrowsAsync<StoreFailedException>(() => new BlobStore(notAFolder).WriteAsync(10, output => output(new byte[10])));
    }
}
