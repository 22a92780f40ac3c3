using System.Collections.Concurrent;
using System.Globalization;
using Appliance.Server.Storage;

namespace Appliance.Server.Tests.Storage.Conformance;

/// <content>Readers beside the writer, crashes, closing.</content>
public abstract partial class StoreConformance
{
    [Fact]
    public async Task Nobody_sees_a_work_before_it_is_over_and_everybody_after()
    {
        await PutAsync(Note.With("a", "old"));
        using var written = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var work = Store.WriteAsync(tx =>
        {
            tx.Put(Note.All, Note.With("a", "new"));
            tx.Put(Note.All, Note.With("b", "new"));
            written.Set();
            return goOn.Wait(Deadline);
        });
        Assert.True(written.Wait(Deadline));
        Assert.Equal("old", Get("a")!.Tag);
        Assert.Equal(["a"], Ids(Range("a", "b")));
        Assert.Empty(Tagged("new"));
        goOn.Set();
        Assert.True(await work);
        Assert.Equal("new", Get("a")!.Tag);
        Assert.Equal(["a", "b"], Ids(Tagged("new")));
    }

    [Fact]
    public async Task A_write_is_seen_by_whoever_reads_after_it_returned() => await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
    {
        for (var i = 0; i < 25; i++)
        {
            await PutAsync(Note.With($"{writer}", $"{writer} {i}"));
            Assert.Equal($"{writer} {i}", Get($"{writer}")!.Tag);
            Assert.Equal([$"{writer}"], Ids(Tagged($"{writer} {i}")));
        }
    })));

    /// <summary>Every work moves an amount from one row to another, so the sum never changes for whoever sees whole works.</summary>
    [Fact]
    public async Task Many_readers_beside_the_writers_see_whole_writes_only()
    {
        const int Rows = 12;
        const int Each = 100;
        await PutAsync([.. Enumerable.Range(0, Rows).Select(i => With(i, Each))]);
        var over = 0;
        var readers = Enumerable.Range(0, 70).Select(i => Task.Factory.StartNew(
            () =>
            {
                do
                {
                    var rows = i % 2 == 0 ? Range("00", "99", Rows + 1) : Store.Range(Note.All, Key.Of("0000"), Key.Of("9999"), Rows + 1, index: "tag");
                    Assert.Equal((Rows, Rows * Each), (rows.Count, rows.Sum(Amount)));
                }
                while (Volatile.Read(ref over) == 0);
            },
            TaskCreationOptions.LongRunning)).ToList();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
                await Store.WriteAsync(tx =>
                {
                    var (from, to) = ((writer * 7 + i) % Rows, (writer * 11 + i * 3 + 1) % Rows);
                    if (from == to)
                        return 0;
                    tx.Put(Note.All, With(from, Amount(tx.Get(Note.All, Key.Of($"{from:d2}"))!) - 1));
                    tx.Put(Note.All, With(to, Amount(tx.Get(Note.All, Key.Of($"{to:d2}"))!) + 1));
                    return 0;
                });
        })));
        Volatile.Write(ref over, 1);
        await Task.WhenAll(readers);

        static Note With(int row, int amount) => Note.With($"{row:d2}", $"{amount:d4}");
        static int Amount(Note note) => int.Parse(note.Tag!, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_crash_whole_and_once()
    {
        var acknowledged = new ConcurrentBag<int>();
        var started = 0;
        for (var round = 0; round < 4; round++)
        {
            var underWay = Enumerable.Range(0, 60).Select(_ => WriteOneAsync(Interlocked.Increment(ref started))).ToList();
            for (var i = 0; i < 20; i++)
                await underWay[i];
            var expected = acknowledged.ToList(); // what is acknowledged from here on may come too late
            await _engine.CrashAsync();

            var found = Range("0000", "9999", 1000).Select(note => int.Parse(note.Id, CultureInfo.InvariantCulture)).ToList();
            Assert.Subset(found.ToHashSet(), expected.ToHashSet());
            Assert.Equal(found.Select(number => $"{number:d4}"), Store.Range(Item.All, Lowest, Highest, 1000).Select(item => System.Text.Encoding.ASCII.GetString(item.Key)));
            Assert.Equal(found.Order(), Tagged("x").Select(note => int.Parse(note.Id, CultureInfo.InvariantCulture)));
            Assert.Equal(found.Count, Get("count")?.Content.Length ?? 0);
            acknowledged = [.. found];
        }
        Assert.True(acknowledged.Count >= 80);

        async Task WriteOneAsync(int number)
        {
            var mine = acknowledged;
            try
            {
                await Store.WriteAsync(tx =>
                {
                    tx.Put(Note.All, Note.With($"{number:d4}", "x", new string('x', number * 10)));
                    tx.Put(Item.All, new Item { Key = Key.Of($"{number:d4}"), Value = [1] });
                    tx.Put(Note.All, Note.With("count", content: new string('x', 1 + (tx.Get(Note.All, Key.Of("count"))?.Content.Length ?? 0))));
                    return 0;
                });
                mine.Add(number);
            }
            catch (Exception error) when (error is StoreFailedException or ObjectDisposedException)
            {
                // the crash was faster
            }
        }
    }

    [Fact]
    public async Task Closing_finishes_what_was_begun()
    {
        var works = Enumerable.Range(0, 100).Select(i => PutAsync(Note.With($"{i:d3}"))).ToList();
        await _engine.CloseAsync();
        Assert.All(works, work => Assert.True(work.IsCompleted));
        await Task.WhenAll(works);
        await _engine.OpenAgainAsync();
        Assert.Equal(100, Range("000", "999", 1000).Count);
    }

    [Fact]
    public async Task A_closed_store_refuses_everything()
    {
        await PutAsync(Note.With("a"));
        await _engine.CloseAsync();
        await _engine.CloseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => PutAsync(Note.With("b")));
        Assert.Throws<ObjectDisposedException>(() => Get("a"));
        Assert.Throws<ObjectDisposedException>(() => Range("a", "b"));
        await _engine.OpenAgainAsync();
        Assert.Equal(["a"], Ids(Range("a", "b")));
    }
}
