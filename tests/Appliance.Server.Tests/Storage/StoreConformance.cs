using System.Security.Cryptography;
using Appliance.Server.Storage;

namespace Appliance.Server.Tests.Storage;

/// <summary>What every engine behind <see cref="IStore"/> must do; each engine's tests derive from it.</summary>
public abstract class StoreConformance : IAsyncLifetime
{
    protected abstract IStore Store { get; }

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    protected abstract Task OpenAgainAsync();

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
    public async Task Add_inserts_and_agrees_with_what_the_same_work_does_besides()
    {
        await PutAsync(Note.With("deleted first", "red"));
        await Store.WriteAsync(tx =>
        {
            tx.Add(Note.All, Note.With("added", "red"));
            tx.Add(Note.All, Note.With("put after", "red"));
            tx.Put(Note.All, Note.With("put after", "blue"));
            tx.Add(Note.All, Note.With("deleted after", "red"));
            tx.Delete(Note.All, Key.Of("deleted after"));
            tx.Delete(Note.All, Key.Of("deleted first"));
            tx.Add(Note.All, Note.With("deleted first", "blue"));
            return 0;
        });
        Assert.Equal(["added", "deleted first", "put after"], Ids(Range("a", "z")));
        Assert.Equal(["added"], Ids(Tagged("red")));
        Assert.Equal(["deleted first", "put after"], Ids(Tagged("blue")));
    }

    [Fact]
    public async Task Adding_a_key_that_is_taken_fails_that_work_alone()
    {
        await PutAsync(Note.With("a", "red", "first"));
        var others = Enumerable.Range(0, 5).Select(i => PutAsync(Note.With($"b{i}"))).ToList();
        await Assert.ThrowsAnyAsync<Exception>(() => Store.WriteAsync(tx => { tx.Add(Note.All, Note.With("a", "blue", "second")); return 0; }));
        await Task.WhenAll(others);
        await PutAsync(Note.With("c"));
        Assert.Equal("first", System.Text.Encoding.UTF8.GetString(Get("a")!.Content));
        Assert.Equal(["a", "b0", "b1", "b2", "b3", "b4", "c"], Ids(Range("a", "z")));
        Assert.Empty(Ids(Tagged("blue")));
    }

    [Fact]
    public async Task Ranges_are_inclusive_ordered_and_limited()
    {
        await PutAsync([.. new[] { "d", "a", "c", "e", "b" }.Select(id => Note.With(id))]);
        Assert.Equal(["b", "c", "d"], Ids(Range("b", "d")));
        Assert.Equal(["d", "c", "b"], Ids(Range("b", "d", descending: true)));
        Assert.Equal(["b", "c"], Ids(Range("b", "d", limit: 2)));
        Assert.Equal(["e", "d"], Ids(Range("a", "z", limit: 2, descending: true)));
        Assert.Empty(Range("d", "b"));
        Assert.Empty(Range("x", "z"));
    }

    [Fact]
    public async Task Orders_keys_as_bytes()
    {
        var ids = new[] { "a", "ab", "b", "Z", "z", "ä", "aa", "0" };
        await PutAsync([.. ids.Select(id => Note.With(id))]);
        Assert.Equal(ids.Order(StringComparer.Ordinal), Ids(Store.Range(Note.All, [0], [255], 100)));
    }

    [Fact]
    public async Task Index_orders_by_value_then_key_and_leaves_out_null()
    {
        await PutAsync(
            Note.With("3", "b"), Note.With("1", "b"), Note.With("2", "a"), Note.With("4"), Note.With("5", "ab"), Note.With("6", "a\0"), Note.With("7", "a\0z"));
        Assert.Equal(["2", "6", "7", "5", "1", "3"], Ids(Tagged("a", "b")));
        Assert.Equal(["3", "1", "5", "7", "6", "2"], Ids(Tagged("a", "b", descending: true)));
        Assert.Equal(["2"], Ids(Tagged("a")));
        Assert.Equal(["1"], Ids(Store.Range(Note.All, Key.Of("b"), Key.Of("b"), 1, index: "tag")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void Refuses_a_limit_outside_1_to_1000(int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.Range(Note.All, [0], [255], limit));

    [Fact]
    public async Task A_work_sees_its_own_writes_in_every_kind_of_read()
    {
        await PutAsync(Note.With("a", "red"), Note.With("b", "red"), Note.With("c", "blue"));
        var seen = await Store.WriteAsync(tx =>
        {
            tx.Put(Note.All, Note.With("d", "red"));
            tx.Put(Note.All, Note.With("a", "blue"));
            tx.Delete(Note.All, Key.Of("c"));
            return (
                Gone: tx.Get(Note.All, Key.Of("c")),
                All: Ids(tx.Range(Note.All, [0], [255], 3)),
                Red: Ids(tx.Range(Note.All, Key.Of("red"), Key.Of("red"), 10, index: "tag")),
                Blue: Ids(tx.Range(Note.All, Key.Of("blue"), Key.Of("red"), 2, descending: true, index: "tag")));
        });
        Assert.Null(seen.Gone);
        Assert.Equal(["a", "b", "d"], seen.All);
        Assert.Equal(["b", "d"], seen.Red);
        Assert.Equal(["d", "b"], seen.Blue);
    }

    [Fact]
    public async Task A_work_sees_what_earlier_works_of_its_group_wrote()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Store.WriteAsync(tx =>
        {
            var count = (tx.Get(Note.All, Key.Of("count"))?.Content.Length ?? 0) + 1;
            tx.Put(Note.All, Note.With("count", content: new string('x', count)));
            return count;
        })));
        Assert.Equal(Enumerable.Range(1, 200), counts.Order());
        Assert.Equal(200, Get("count")!.Content.Length);
    }

    [Fact]
    public async Task A_work_that_throws_loses_its_own_writes_and_no_others()
    {
        var works = Enumerable.Range(0, 50).Select(i => Store.WriteAsync(tx =>
        {
            tx.Put(Note.All, Note.With($"{i:d3}"));
            tx.Put(Note.All, Note.With("last", $"{i:d3}"));
            return i % 2 == 0 ? i : throw new FormatException($"odd {i}");
        })).ToList();
        for (var i = 0; i < works.Count; i++)
        {
            if (i % 2 == 0)
                Assert.Equal(i, await works[i]);
            else
                Assert.Equal($"odd {i}", (await Assert.ThrowsAsync<FormatException>(() => works[i])).Message);
        }
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"{2 * i:d3}"), Ids(Range("000", "999", limit: 100)));
        Assert.Equal("048", Get("last")!.Tag);
    }

    [Fact]
    public async Task A_transaction_is_closed_when_its_work_has_returned()
    {
        var kept = await Store.WriteAsync(tx => tx);
        Assert.Throws<InvalidOperationException>(() => kept.Put(Note.All, Note.With("late")));
        Assert.Throws<InvalidOperationException>(() => kept.Get(Note.All, Key.Of("late")));
    }

    [Fact]
    public async Task A_cancelled_work_is_not_run()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.WriteAsync(tx => { tx.Put(Note.All, Note.With("a")); return 0; }, new CancellationToken(canceled: true)));
        await PutAsync(Note.With("b"));
        Assert.Null(Get("a"));
    }

    [Fact]
    public async Task Refuses_keys_and_rows_that_are_too_large_and_goes_on()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(Note.With(new string('k', 256))));
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(Note.With("a", new string('t', 256))));
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(new Note { Id = "a", Content = new byte[(1 << 20) + 1] }));
        await PutAsync(Note.With(new string('k', 255), new string('\0', 255)));
        Assert.NotNull(Get(new string('k', 255)));
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
        await OpenAgainAsync();
        Assert.Equal(content, Get("big")!.Content);
    }

    [Fact]
    public async Task Keeps_everything_across_a_restart()
    {
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => PutAsync(Note.With($"{i:d3}", i % 2 == 0 ? "even" : "odd", new string('x', 3000)))));
        await OpenAgainAsync();
        Assert.Equal(300, Range("000", "999", limit: 1000).Count);
        Assert.Equal(150, Tagged("odd").Count);
        await PutAsync(Note.With("300", "even"));
        await OpenAgainAsync();
        Assert.Equal(151, Tagged("even").Count);
    }

    [Fact]
    public async Task Readers_beside_the_writer_see_whole_writes_only()
    {
        await PutAsync(Note.With("x", "0"), Note.With("y", "0"));
        using var over = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var reads = 0;
            while (!over.IsCancellationRequested)
            {
                var pair = Range("x", "y");
                Assert.Equal(pair[0].Tag, pair[1].Tag);
                reads++;
            }
            return reads;
        })).ToList();
        for (var i = 1; i <= 30; i++)
            await PutAsync(Note.With("x", $"{i}"), Note.With("y", $"{i}"));
        await over.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));
        Assert.Equal("30", Get("y")!.Tag);
    }

    protected Task PutAsync(params Note[] notes) => Store.WriteAsync(tx =>
    {
        foreach (var note in notes)
            tx.Put(Note.All, note);
        return 0;
    });

    protected Note? Get(string id) => Store.Get(Note.All, Key.Of(id));

    protected IReadOnlyList<Note> Range(string from, string to, int limit = 10, bool descending = false) =>
        Store.Range(Note.All, Key.Of(from), Key.Of(to), limit, descending);

    protected IReadOnlyList<Note> Tagged(string from, string? to = null, bool descending = false) =>
        Store.Range(Note.All, Key.Of(from), Key.Of(to ?? from), 1000, descending, "tag");

    protected static IEnumerable<string> Ids(IEnumerable<Note> notes) => [.. notes.Select(note => note.Id)];
}
