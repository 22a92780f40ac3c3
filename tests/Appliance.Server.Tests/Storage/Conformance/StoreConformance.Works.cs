using System.Text;
using Appliance.Server.Storage;

namespace Appliance.Server.Tests.Storage.Conformance;

/// <content>Works: what they see, what they leave, when they are not run.</content>
public abstract partial class StoreConformance
{
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
    public async Task Every_range_inside_a_work_is_what_it_would_be_after_it()
    {
        await PutAsync([.. Enumerable.Range(0, 40).Select(i => new Item { Key = [1, (byte)i], Value = i % 5 == 0 ? null : [(byte)(i % 7)] })]);
        var inside = await Store.WriteAsync(tx =>
        {
            for (var i = 0; i < 40; i++)
                if (i % 4 == 0)
                    tx.Delete(Item.All, [1, (byte)i]);
                else if (i % 4 == 1)
                    tx.Put(Item.All, new Item { Key = [1, (byte)i], Value = i % 3 == 0 ? null : [(byte)(i % 3), 9] });
                else if (i % 4 == 2)
                    tx.Put(Item.All, new Item { Key = [1, (byte)i, 0], Value = [(byte)(i % 7)] });
            return Ranges(tx);
        });
        Assert.Equal(Ranges(Store), inside);
        Assert.True(inside.Distinct(StringComparer.Ordinal).Count() > 100);

        static List<string> Ranges(IStoreReader reader)
        {
            var all = new List<(byte[] From, byte[] To)> { (Lowest, Highest), ([1, 5], [1, 30]), ([2], [4]), ([1, 9], [1, 9]), ([3], [3]), ([5], [1]) };
            return (from bounds in all
                    from limit in new[] { 1, 2, 7, 20, 1000 }
                    from backwards in new[] { false, true }
                    from index in new[] { null, "value", "size" }
                    let found = reader.Range(Item.All, bounds.From, bounds.To, limit, backwards, index)
                    select $"{limit} {backwards} {index}: {Hex(found.Select(item => item.Key))}").ToList();
        }
    }

    [Fact]
    public async Task The_last_change_of_a_key_in_a_work_counts()
    {
        await PutAsync(Note.With("was there", "old"), Note.With("was there too", "old"));
        await Store.WriteAsync(tx =>
        {
            tx.Delete(Note.All, Key.Of("was there"));
            tx.Put(Note.All, Note.With("was there", "new"));
            tx.Put(Note.All, Note.With("was there too", "new"));
            tx.Delete(Note.All, Key.Of("was there too"));
            tx.Put(Note.All, Note.With("came and went"));
            tx.Delete(Note.All, Key.Of("came and went"));
            tx.Put(Note.All, Note.With("came twice", "old"));
            tx.Put(Note.All, Note.With("came twice", "new"));
            return 0;
        });
        Assert.Equal(["came twice", "was there"], Ids(Range("a", "z")));
        Assert.Equal(["came twice", "was there"], Ids(Tagged("new")));
        Assert.Empty(Tagged("old"));
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
    public async Task Adding_a_key_that_is_taken_replaces_the_row_and_its_index_entries()
    {
        await PutAsync(Note.With("a", "red", "first"));
        await Store.CheckpointAsync();
        var all = Enumerable.Range(0, 5).Select(i => PutAsync(Note.With($"b{i}"))).ToList();
        all.Add(Store.WriteAsync(tx => { tx.Add(Note.All, Note.With("a", "blue", "second")); return 0; }));
        await Task.WhenAll(all);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("second", Encoding.UTF8.GetString(Get("a")!.Content));
            Assert.Equal(["a", "b0", "b1", "b2", "b3", "b4"], Ids(Range("a", "z")));
            Assert.Empty(Ids(Tagged("red")));
            Assert.Equal(["a"], Ids(Tagged("blue")));
            await Store.CheckpointAsync();
        }
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
    public async Task A_work_that_throws_leaves_nothing()
    {
        await PutAsync(Note.With("kept", "red"), Note.With("deleted", "red"));
        var thrown = new FormatException("as the caller threw it");
        var caught = await Assert.ThrowsAsync<FormatException>(() => Store.WriteAsync<int>(tx =>
        {
            tx.Put(Note.All, Note.With("kept", "blue"));
            tx.Put(Note.All, Note.With("new", "red"));
            tx.Delete(Note.All, Key.Of("deleted"));
            tx.Put(Item.All, new Item { Key = [1] });
            throw thrown;
        }));
        Assert.Same(thrown, caught);
        Assert.Equal(["deleted", "kept"], Ids(Tagged("red")));
        Assert.Empty(Store.Range(Item.All, Lowest, Highest, 10));
        await PutAsync(Note.With("after", "red"));
        await _engine.OpenAgainAsync();
        Assert.Equal(["after", "deleted", "kept"], Ids(Tagged("red")));
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
    public async Task A_work_may_go_on_after_a_row_was_refused()
    {
        await Store.WriteAsync(tx =>
        {
            tx.Put(Note.All, Note.With("before"));
            Assert.Throws<ArgumentException>(() => tx.Put(Note.All, Note.With("refused", new string('t', 256))));
            tx.Put(Note.All, Note.With("later"));
            return 0;
        });
        Assert.Equal(["before", "later"], Ids(Range("a", "z")));
    }

    [Fact]
    public async Task A_transaction_is_closed_when_its_work_has_returned()
    {
        var kept = await Store.WriteAsync(tx => tx);
        Assert.Throws<InvalidOperationException>(() => kept.Put(Note.All, Note.With("late")));
        Assert.Throws<InvalidOperationException>(() => kept.Delete(Note.All, Key.Of("late")));
        Assert.Throws<InvalidOperationException>(() => kept.Get(Note.All, Key.Of("late")));
        Assert.Throws<InvalidOperationException>(() => kept.Range(Note.All, Lowest, Highest, 1));
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
    public async Task A_work_cancelled_while_another_runs_is_not_run()
    {
        using var running = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var first = Store.WriteAsync(tx => { running.Set(); return goOn.Wait(Deadline); });
        Assert.True(running.Wait(Deadline));
        var cancelled = Store.WriteAsync(tx => { tx.Put(Note.All, Note.With("cancelled")); return 0; }, cancellation.Token);
        var third = PutAsync(Note.With("third"));
        await cancellation.CancelAsync();
        goOn.Set();
        Assert.True(await first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await third;
        Assert.Equal(["third"], Ids(Range("a", "z")));
    }

    [Fact]
    public async Task A_work_cancelled_once_it_runs_is_kept()
    {
        using var cancellation = new CancellationTokenSource();
        var written = await Store.WriteAsync(
            tx =>
            {
                tx.Put(Note.All, Note.With("a"));
                cancellation.Cancel();
                return true;
            },
            cancellation.Token);
        Assert.True(written);
        Assert.NotNull(Get("a"));
    }
}
