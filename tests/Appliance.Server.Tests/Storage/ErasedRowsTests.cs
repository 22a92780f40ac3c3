using System.Security.Cryptography;
using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>Rows share pages, and LiteDB's documents; what is deleted or replaced is in none of them after a checkpoint.</summary>
public sealed class ErasedRowsTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(600)]
    [InlineData(6_000)]
    [InlineData(20_000)]
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

    private static string Content(string mark, int length) => string.Concat(Enumerable.Repeat(mark, length / mark.Length + 1));

    private static bool IsOnAPage(SimulatedDisk disk, string mark) => PageScan.Read(SimulatedStore.FilesOf(disk), SimulatedStore.Key)
        .Any(page => page.Plaintext.AsSpan().IndexOf(Encoding.UTF8.GetBytes(mark)) >= 0);
}
