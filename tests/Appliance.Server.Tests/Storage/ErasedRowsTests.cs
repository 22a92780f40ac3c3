using System.Security.Cryptography;
using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>Rows share pages and LiteDB's documents, and large ones lie apart; what is deleted or replaced is in none of these places after a checkpoint.</summary>
public sealed class ErasedRowsTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(600)]
    [InlineData(2_900)]
    public async Task What_was_deleted_or_replaced_is_on_no_page(int length)
    {
        const int rows = 120;
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        var marks = Enumerable.Range(0, rows).Select(_ => Convert.ToHexString(RandomNumberGenerator.GetBytes(12))).ToArray();
        foreach (var i in Enumerable.Range(0, rows))
            await SimulatedStore.PutAsync(store, Note.With($"{i * 7 % rows:d3}", $"{i % 5}", Content(marks[i * 7 % rows], length)));
        await store.CheckpointAsync();
        Assert.All(marks, mark => Assert.True(IsOnAPage(disk, mark)));

        for (var i = 0; i < rows; i++)
        {
            var key = $"{i:d3}";
            if (i % 3 == 0)
                await store.WriteAsync(tx => { tx.Delete(Note.All, Key.Of(key)); return 0; });
            else if (i % 3 == 1)
                await SimulatedStore.PutAsync(store, Note.With(key, "other", new string('y', i % 2 == 0 ? length : 5)));
        }
        await store.CheckpointAsync();
        Assert.Equal(Enumerable.Range(0, rows).Where(i => i % 3 == 2), Enumerable.Range(0, rows).Where(i => IsOnAPage(disk, marks[i])));
    }

    /// <summary>Each large value is under a key of its own, which goes with the row; and where it lay are zeros.</summary>
    [Theory]
    [InlineData(3_100)]
    [InlineData(6_000)]
    [InlineData(20_000)]
    public async Task Where_a_large_row_lay_are_zeros(int length)
    {
        const int rows = 60;
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        for (var i = 0; i < rows; i++)
            await SimulatedStore.PutAsync(store, Note.With($"{i:d3}", null, new string('x', length)));
        await store.CheckpointAsync();
        var blocks = (length + 4095 + 60) / 4096; // with what is around the content
        Assert.Equal(rows * blocks, UsedBlocks(disk));

        for (var i = 0; i < rows; i++)
        {
            var key = $"{i:d3}";
            if (i % 3 == 0)
                await store.WriteAsync(tx => { tx.Delete(Note.All, Key.Of(key)); return 0; });
            else if (i % 3 == 1)
                await SimulatedStore.PutAsync(store, Note.With(key, null, "small"));
        }
        await store.CheckpointAsync();
        Assert.Equal(rows / 3 * blocks, UsedBlocks(disk));

        await SimulatedStore.PutAsync(store, Note.With("takes them off the list"));
        await store.CheckpointAsync();
        for (var i = 0; i < rows / 3 * 2; i++)
            await SimulatedStore.PutAsync(store, Note.With($"again {i:d3}", null, new string('y', length)));
        await store.CheckpointAsync();
        Assert.Equal(rows * blocks * 4096, disk.Content("store/values").Length); // what was free is used again
    }

    [Fact]
    public async Task A_large_row_that_is_written_again_and_again_leaves_nothing_behind()
    {
        var disk = SimulatedStore.NewDisk();
        await using var store = SimulatedStore.Open(disk);
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 20; i++)
                await SimulatedStore.PutAsync(store, Note.With("draft", null, new string('x', 5000 + i)));
            await store.CheckpointAsync();
            Assert.Equal(2, UsedBlocks(disk));
            Assert.Equal(5019, store.Get(Note.All, Key.Of("draft"))!.Content.Length);
        }
        Assert.InRange(disk.Content("store/values").Length, 1, 3 * 20 * 2 * 4096); // it does not grow with the rounds
    }

    /// <summary>LiteDB is fed in parts: when a later one fails, it has the rows of the first.</summary>
    [Fact]
    public async Task A_large_row_that_the_engine_may_have_got_is_not_let_go_of_twice()
    {
        const int others = 1_500; // more than is fed at once
        const int mostWrites = 6; // those of the first part, and not of the second
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
        {
            var writes = 0;
            disk.FailsAt = path => path == "store/log" && ++writes > mostWrites;
            await SimulatedStore.PutAsync(store, Note.With("-draft", null, new string('x', 5000)));
            await store.WriteAsync(tx =>
            {
                for (var i = 0; i < others; i++)
                    tx.Put(Note.All, Note.With($"{i:d4}", null, new string('x', 2900)));
                return 0;
            });
            bool IsInTheEngine(string id) => store.RawRange(Note.All.Name, null, Key.Of(id), Key.Of(id), 1).Count > 0;
            // What failed is seen there until the engine has been opened anew.
            Assert.True(SpinWait.SpinUntil(() => writes > mostWrites && !IsInTheEngine($"{others - 1:d4}"), TimeSpan.FromSeconds(20)));
            Assert.True(IsInTheEngine("-draft"));
            await SimulatedStore.PutAsync(store, Note.With("-draft", null, new string('y', 5001)));
            disk.FailsAt = _ => false;
            for (var round = 0; round < 3; round++)
            {
                await store.CheckpointAsync();
                await SimulatedStore.PutAsync(store, Note.With($"later {round}", null, new string('z', 5000)));
            }
            await store.CheckpointAsync();
            Assert.Equal(2 * 4, UsedBlocks(disk));
            Assert.Equal(5001, store.Get(Note.All, Key.Of("-draft"))!.Content.Count(octet => octet == 'y'));
        }
        await using var again = SimulatedStore.Open(disk);
        Assert.All(Enumerable.Range(0, 3), round => Assert.Equal(5000, again.Get(Note.All, Key.Of($"later {round}"))!.Content.Count(octet => octet == 'z')));
        Assert.Equal(5001, again.Get(Note.All, Key.Of("-draft"))!.Content.Length);
    }

    [Fact]
    public async Task Who_is_killed_before_it_has_wiped_a_large_row_leaves_that_to_the_next()
    {
        var disk = SimulatedStore.NewDisk();
        SimulatedDisk left;
        await using (var store = SimulatedStore.Open(disk))
        {
            for (var i = 0; i < 9; i++)
                await SimulatedStore.PutAsync(store, Note.With($"{i}", null, new string('x', 6000)));
            await store.CheckpointAsync();
            for (var i = 0; i < 9; i += 3)
                await store.WriteAsync(tx => { tx.Delete(Note.All, Key.Of($"{i}")); return 0; });
            disk.FailsAt = path => path == "store/values";
            await Assert.ThrowsAsync<StoreFailedException>(store.CheckpointAsync);
            left = disk.AfterPowerCut(Dice.Loses);
            disk.FailsAt = _ => false;
        }
        Assert.Equal(9 * 2, UsedBlocks(left));
        await using var next = SimulatedStore.Open(left);
        await next.CheckpointAsync();
        Assert.Equal(6 * 2, UsedBlocks(left));
        Assert.Equal(6, next.Range(Note.All, [0], [255], 10).Count);
    }

    private static int UsedBlocks(SimulatedDisk disk) => disk.Content("store/values").Chunk(4096).Count(block => block.AsSpan().ContainsAnyExcept((byte)0));

    private static string Content(string mark, int length) => string.Concat(Enumerable.Repeat(mark, length / mark.Length + 1));

    private static bool IsOnAPage(SimulatedDisk disk, string mark) => PageScan.Read(SimulatedStore.FilesOf(disk), SimulatedStore.Key)
        .Any(page => page.Plaintext.AsSpan().IndexOf(Encoding.UTF8.GetBytes(mark)) >= 0);
}
