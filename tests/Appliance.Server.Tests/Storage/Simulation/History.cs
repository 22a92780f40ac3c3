using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Upkeep;

namespace Appliance.Server.Tests.Storage.Simulation;

/// <summary>A note, its paper and, when it has one, its blob's content.</summary>
internal sealed record Message(string Id, string? Tag, byte[] Content, BlobReference? Blob = null, byte[]? BlobContent = null);

/// <summary>
/// What works did to a store, in the order it ran them. Each work takes the next number from a row it then writes, so
/// that whatever a power cut leaves must be the outcome of the first n works, and says itself what n is.
/// </summary>
internal sealed class History
{
    private const string Counter = "count";
    private readonly List<ImmutableSortedDictionary<string, Message>> _after;
    private int _acknowledged;

    public History()
        : this([ImmutableSortedDictionary.Create<string, Message>(StringComparer.Ordinal)], 0)
    {
    }

    private History(List<ImmutableSortedDictionary<string, Message>> after, int acknowledged) =>
        (_after, _acknowledged) = (after, acknowledged);

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    public ImmutableSortedDictionary<string, Message> Now => _after[^1];

    /// <summary>The same history at an earlier time.</summary>
    public History At(int acknowledged) => new([.. _after], acknowledged);

    /// <summary>The history of a store that was found to hold the first works only; what was seen once must stay.</summary>
    public History UpTo(int works) => new(_after[..(works + 1)], works);

    public Task PutAsync(LiteDbStore store, params Message[] messages) => WriteAsync(store, messages, []);

    public Task DeleteAsync(LiteDbStore store, params string[] ids) => WriteAsync(store, [], ids);

    /// <summary>Writes a blob, then the message that names it.</summary>
    public async Task PutWithBlobAsync(LiteDbStore store, Message message, int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        var blob = await store.Blobs.WriteAsync(content.Length, output => output(content));
        await PutAsync(store, message with { Blob = blob, BlobContent = content });
    }

    /// <summary>Deletes a message and then its blob.</summary>
    public async Task DeleteWithBlobAsync(LiteDbStore store, Message message)
    {
        await DeleteAsync(store, message.Id);
        if (message.Blob is { } blob)
            await store.Blobs.DeleteAsync(blob);
    }

    /// <summary>
    /// Everything in the store, by key and by index, blobs included, must be what the first works made, and those
    /// acknowledged among them. Sweeps, and then no other blob may be left.
    /// </summary>
    /// <returns>How many works the store holds.</returns>
    public async Task<int> CheckAsync(LiteDbStore store, SimulatedDisk disk, int acknowledged)
    {
        var works = store.Get(Note.All, Key.Of(Counter)) is { } count ? int.Parse(count.Tag!, CultureInfo.InvariantCulture) : 0;
        Assert.InRange(works, acknowledged, _after.Count - 1);
        var expected = _after[works].Values.ToList();

        var notes = store.Range(Note.All, Key.Of("0"), Key.Of("9"), 1000);
        Assert.Equal(expected.Select(message => message.Id), notes.Select(note => note.Id));
        Assert.All(expected.Zip(notes), pair => Assert.True(pair.First.Content.AsSpan().SequenceEqual(pair.Second.Content)));
        Assert.Equal(
            expected.Where(message => message.Tag is not null).OrderBy(message => message.Tag, StringComparer.Ordinal).Select(message => (message.Tag, message.Id)),
            store.Range(Note.All, Key.Of("a"), Key.Of("z"), 1000, index: "tag").Select(note => (note.Tag, note.Id)));

        Assert.Equal(expected.Select(PaperOf), store.Range(Paper.All, [0], [255], 1000), SamePaper);
        Assert.Equal(
            expected.OrderBy(message => message.Content.Length).Select(PaperOf), store.Range(Paper.All, [0], [255], 1000, index: "length"), SamePaper);

        await store.SweepBlobsAsync([Note.All, Paper.All]);
        var blobs = expected.Where(message => message.Blob is not null).ToList();
        Assert.Equal(
            blobs.Select(message => message.Blob!.Id.ToString()).Order(StringComparer.Ordinal),
            disk.Files("blobs").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        foreach (var message in blobs)
            Assert.True((await store.Blobs.ReadAsync(message.Blob!, 0, (int)message.Blob!.Length)).AsSpan().SequenceEqual(message.BlobContent));
        Assert.Empty((await StoreVerifier.RunAsync(store, [Note.All, Paper.All], [], TimeProvider.System, CancellationToken.None)).Findings);
        return works;
    }

    private static Paper PaperOf(Message message) => new() { Id = message.Id, Length = message.Content.Length, Blob = message.Blob };

    private static bool SamePaper(Paper one, Paper other) =>
        (one.Id, one.Length, one.Blob?.Id, one.Blob?.Length) == (other.Id, other.Length, other.Blob?.Id, other.Blob?.Length);

    private async Task WriteAsync(LiteDbStore store, Message[] put, string[] deleted)
    {
        var number = await store.WriteAsync(tx =>
        {
            var number = 1 + (tx.Get(Note.All, Key.Of(Counter)) is { } count ? int.Parse(count.Tag!, CultureInfo.InvariantCulture) : 0);
            foreach (var id in deleted)
            {
                tx.Delete(Note.All, Key.Of(id));
                tx.Delete(Paper.All, Key.Of(id));
            }
            foreach (var message in put)
            {
                tx.Put(Note.All, new Note { Id = message.Id, Tag = message.Tag, Content = message.Content });
                if (tx.Get(Paper.All, Key.Of(message.Id)) is null)
                    tx.Add(Paper.All, PaperOf(message));
                else
                    tx.Put(Paper.All, PaperOf(message));
            }
            tx.Put(Note.All, Note.With(Counter, number.ToString(CultureInfo.InvariantCulture)));
            _after.RemoveRange(number, _after.Count - number); // were a group run again
            _after.Add(_after[^1].RemoveRange(deleted).SetItems(put.Select(message => KeyValuePair.Create(message.Id, message))));
            return number;
        });
        Acknowledge(number);
    }

    private void Acknowledge(int number)
    {
        for (var seen = Acknowledged; seen < number; seen = Acknowledged)
            Interlocked.CompareExchange(ref _acknowledged, number, seen);
    }
}
