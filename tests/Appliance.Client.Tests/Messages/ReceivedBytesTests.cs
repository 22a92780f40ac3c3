using Appliance.Client.Messages;
using Appliance.Client.Opening;
using Appliance.Crypto.Formats;

namespace Appliance.Client.Tests.Messages;

public sealed class ReceivedBytesTests
{
    private static readonly byte[] Received = "0123456789"u8.ToArray();
    private static readonly RemovedBytes[] Removed = [new(0, "01"u8.ToArray()), new(2, "2"u8.ToArray()), new(5, "56"u8.ToArray()), new(9, "9"u8.ToArray())];
    private static readonly byte[] Kept = "3478"u8.ToArray();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Puts_removed_fields_back_however_the_message_is_cut(int chunk)
    {
        using var destination = new MemoryStream();
        var rebuilding = new ReceivedBytes(destination, Removed);
        foreach (var piece in Kept.Chunk(chunk))
            await rebuilding.WriteAsync(piece, CancellationToken.None);
        await rebuilding.CompleteAsync(Received.Length, CancellationToken.None);
        Assert.Equal(Received, destination.ToArray());
    }

    [Fact]
    public async Task Refuses_pieces_that_do_not_add_up()
    {
        await Assert.ThrowsAsync<SealBrokenException>(() => RebuildAsync(Removed, Received.Length + 1));
        await Assert.ThrowsAsync<SealBrokenException>(() => RebuildAsync([new RemovedBytes(99, [1])], Kept.Length + 1));
        await Assert.ThrowsAsync<SealBrokenException>(() => RebuildAsync([new RemovedBytes(3, [1]), new RemovedBytes(2, [1])], Kept.Length + 2));
    }

    private static async Task RebuildAsync(RemovedBytes[] removed, long size)
    {
        var rebuilding = new ReceivedBytes(Stream.Null, removed);
        await rebuilding.WriteAsync(Kept, CancellationToken.None);
        await rebuilding.CompleteAsync(size, CancellationToken.None);
    }
}
