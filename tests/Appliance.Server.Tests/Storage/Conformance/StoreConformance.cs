using System.Security.Cryptography;
using Appliance.Server.Storage;

namespace Appliance.Server.Tests.Storage.Conformance;

/// <summary>
/// What every engine behind <see cref="IStore"/> must do. An engine's tests derive from this and say how it is opened;
/// one that passes can stand behind every feature.
/// </summary>
public abstract partial class StoreConformance : IAsyncLifetime
{
    private static readonly byte[] Lowest = [0];
    private static readonly byte[] Highest = [.. Enumerable.Repeat(byte.MaxValue, 255)];
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private IStoreUnderTest _engine = null!;

    private IStore Store => _engine.Store;

    public async ValueTask InitializeAsync() => _engine = await OpenAsync([Note.All, Item.All]);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes an empty store of these collections.</summary>
    protected abstract Task<IStoreUnderTest> OpenAsync(IReadOnlyList<ICollectionDeclaration> collections);

    [Fact]
    public async Task Gives_back_what_was_put()
    {
        var note = Note.With("a", "red", "hello");
        await PutAsync(note);
        Assert.Equal(note.Content, Get("a")!.Content);
        Assert.Equal("red", Get("a")!.Tag);
        Assert.Null(Get("b"));
    }

    [Fact]
    public async Task Put_replaces_and_delete_removes()
    {
        await PutAsync(Note.With("a", "red"), Note.With("b", "red"));
        await PutAsync(Note.With("a", "blue"));
        await Store.WriteAsync(tx => { tx.Delete(Note.All, Key.Of("b")); tx.Delete(Note.All, Key.Of("never there")); return 0; });
        Assert.Equal("blue", Get("a")!.Tag);
        Assert.Null(Get("b"));
        Assert.Empty(Ids(Tagged("red")));
        Assert.Equal(["a"], Ids(Tagged("blue")));
    }

    [Fact]
    public async Task Deleting_from_a_collection_that_never_had_a_row_is_no_error()
    {
        Assert.True(await Store.WriteAsync(tx => { tx.Delete(Item.All, [1]); return true; }));
        Assert.Empty(Store.Range(Item.All, Lowest, Highest, 10));
    }

    [Fact]
    public async Task Collections_do_not_share_keys()
    {
        await Store.WriteAsync(tx =>
        {
            tx.Put(Note.All, Note.With("a"));
            tx.Put(Item.All, new Item { Key = Key.Of("a"), Value = [1] });
            return 0;
        });
        await Store.WriteAsync(tx => { tx.Delete(Note.All, Key.Of("a")); return 0; });
        Assert.Null(Get("a"));
        Assert.Equal([1], Store.Get(Item.All, Key.Of("a"))!.Value);
    }

    [Fact]
    public async Task Refuses_keys_and_rows_that_are_too_large_and_goes_on()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(Note.With("")));
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(Note.With(new string('k', 256))));
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(Note.With("a", new string('t', 256))));
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(Note.With("b"), new Note { Id = "a", Content = new byte[(1 << 20) + 1] }));
        Assert.Empty(Store.Range(Note.All, Lowest, Highest, 10));
        await PutAsync(Note.With(new string('k', 255), new string('\0', 255)));
        Assert.NotNull(Get(new string('k', 255)));
        Assert.Single(Tagged(new string('\0', 255)));
    }

    [Fact]
    public async Task Keeps_a_row_of_exactly_1_MiB_and_refuses_one_byte_more()
    {
        const int Limit = 1 << 20;
        var around = RowCodec.Write(new Note { Id = "a", Content = new byte[Limit / 2] }).Length - Limit / 2;
        var largest = new Note { Id = "a", Content = RandomNumberGenerator.GetBytes(Limit - around) };
        Assert.Equal(Limit, RowCodec.Write(largest).Length);
        await PutAsync(largest);
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(largest with { Content = [.. largest.Content, 0] }));
        await _engine.OpenAgainAsync();
        Assert.Equal(largest.Content, Get("a")!.Content);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8_100)]
    [InlineData(8_192)]
    [InlineData(10_000)]
    [InlineData(65_536)]
    [InlineData(1_000_000)]
    public async Task Keeps_rows_of_every_size(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        await PutAsync(new Note { Id = "big", Content = content });
        await PutAsync(new Note { Id = "smaller now", Content = content }, new Note { Id = "larger now" });
        await PutAsync(new Note { Id = "smaller now" }, new Note { Id = "larger now", Content = content });
        await _engine.OpenAgainAsync();
        Assert.Equal(content, Get("big")!.Content);
        Assert.Equal(content, Get("larger now")!.Content);
        Assert.Empty(Get("smaller now")!.Content);
    }

    [Fact]
    public async Task Keeps_everything_across_a_restart()
    {
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => PutAsync(Note.With($"{i:d3}", i % 2 == 0 ? "even" : "odd", new string('x', 3000)))));
        await _engine.OpenAgainAsync();
        Assert.Equal(300, Range("000", "999", limit: 1000).Count);
        Assert.Equal(150, Tagged("odd").Count);
        await PutAsync(Note.With("300", "even"));
        await _engine.OpenAgainAsync();
        Assert.Equal(151, Tagged("even").Count);
    }

    [Fact]
    public async Task Keeps_blobs_beside_the_rows()
    {
        var content = RandomNumberGenerator.GetBytes(200_000);
        var blob = await Store.Blobs.WriteAsync(content.Length, output =>
        {
            output(content.AsSpan(0, 7));
            output(content.AsSpan(7));
        });
        await _engine.CrashAsync();
        Assert.Equal(content, await Store.Blobs.ReadAsync(blob, 0, content.Length));
        Assert.Equal(content[100_000..100_010], await Store.Blobs.ReadAsync(blob, 100_000, 10));
        await Store.Blobs.DeleteAsync(blob);
        await Assert.ThrowsAsync<StoreDamagedException>(() => Store.Blobs.ReadAsync(blob, 0, 1));
    }

    private Task<int> PutAsync(params Note[] notes) => Store.WriteAsync(tx =>
    {
        foreach (var note in notes)
            tx.Put(Note.All, note);
        return 0;
    });

    private Task<int> PutAsync(params Item[] items) => Store.WriteAsync(tx =>
    {
        foreach (var item in items)
            tx.Put(Item.All, item);
        return 0;
    });

    private Note? Get(string id) => Store.Get(Note.All, Key.Of(id));

    private IReadOnlyList<Note> Range(string from, string to, int limit = 10, bool descending = false) =>
        Store.Range(Note.All, Key.Of(from), Key.Of(to), limit, descending);

    private IReadOnlyList<Note> Tagged(string from, string? to = null, bool descending = false) =>
        Store.Range(Note.All, Key.Of(from), Key.Of(to ?? from), 1000, descending, "tag");

    private static IEnumerable<string> Ids(IEnumerable<Note> notes) => [.. notes.Select(note => note.Id)];
}
