using System.Security.Cryptography;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Storage.Values;
using Appliance.Server.Tests.Storage.Simulation;
using CsCheck;

namespace Appliance.Server.Tests.Storage;

/// <summary>Large values in a file of their own: none lies on another, room is used again, and what a failed sync may have cost is written anew.</summary>
public sealed class ValueFileTests
{
    private const int Block = 4096;

    [Fact]
    public void No_value_lies_on_another_whatever_came_and_went() => Gen.Select(Gen.Int[0, 2], Gen.Int[0, 30_000], Gen.Int[0, 1000]).Array[1, 80].Sample(steps =>
    {
        using var file = new ValueFile(new SimulatedDisk().Open("values"));
        var held = new List<(ValuePlace Place, byte[] Value)>();
        foreach (var (what, length, which) in steps)
        {
            if (what > 0 || held.Count == 0)
            {
                var value = RandomNumberGenerator.GetBytes(length);
                held.Add((file.Write(value), value));
            }
            else
            {
                var at = which % held.Count;
                file.Release([held[at].Place]);
                held.RemoveAt(at);
                if (which % 2 == 0)
                    file.Wipe(file.Released);
                if (which % 3 == 0)
                    file.Reuse(file.Wiped);
            }
            Assert.All(held, pair => Assert.Equal(pair.Value, file.TryRead(pair.Place)));
        }
        file.Release([.. held.Select(pair => pair.Place)]);
        file.Wipe(file.Released);
        file.Reuse(file.Wiped);
        var end = file.Length;
        if (end > 0)
            file.Write(new byte[end - 16]); // all of it has become one stretch again
        Assert.Equal(end, file.Length);
    });

    [Fact]
    public void What_rows_hold_is_left_alone_when_the_file_is_opened_again()
    {
        var disk = new SimulatedDisk();
        ValuePlace kept;
        using (var file = new ValueFile(disk.Open("values")))
        {
            file.Write(new byte[Block]);
            kept = file.Write([1, 2, 3]);
            file.Write(new byte[5]);
        }
        using var again = new ValueFile(disk.Open("values"));
        again.Load([new(kept.Extent, IsReleased: false)]);
        for (var i = 0; i < 3; i++)
            Assert.NotEqual(kept.Offset, again.Write(new byte[10]).Offset);
        Assert.Equal(4 * Block, again.Length);
        Assert.Equal([1, 2, 3], again.TryRead(kept));
        Assert.Throws<StoreDamagedException>(() => again.Load([new(new(0, 2 * Block), false), new(new(Block, Block), true)]));
    }

    [Fact]
    public void Until_it_is_known_what_rows_hold_nothing_is_used_again()
    {
        var disk = new SimulatedDisk();
        using (var file = new ValueFile(disk.Open("values")))
            file.Write(new byte[10]);
        using var again = new ValueFile(disk.Open("values"));
        Assert.Equal(Block, again.Write(new byte[10]).Offset);
    }

    /// <summary>A system may drop what it failed to write and say yes the next time.</summary>
    [Fact]
    public void What_was_written_before_a_sync_that_failed_is_written_anew_before_the_next()
    {
        var medium = new ForgetfulFile();
        using var file = new ValueFile(medium);
        var before = file.Write([1]);
        file.Sync();
        var lost = file.Write([2]);
        var released = file.Write([3]);
        file.Release([released]);
        medium.FailsSync = true;
        Assert.Throws<IOException>(file.Sync);
        medium.FailsSync = false;
        var after = file.Write([4]);
        file.Sync();
        Assert.Equal([before.Offset, lost.Offset, after.Offset], medium.Durable.Order());
        medium.Forget(lost.Offset);
        var next = file.Write([5]);
        medium.FailsSync = true;
        Assert.Throws<IOException>(file.Sync);
        medium.FailsSync = false;
        medium.Forget(next.Offset);
        Assert.Contains("journal", Assert.Throws<IOException>(file.Sync).Message, StringComparison.Ordinal); // nothing is left to write anew
    }

    [Fact]
    public void What_is_written_and_released_during_a_sync_is_not_taken_for_synced()
    {
        var medium = new ForgetfulFile();
        using var file = new ValueFile(medium);
        var released = file.Write([1]);
        file.Write([2]);
        ValuePlace? during = null;
        medium.DuringSync = () =>
        {
            medium.DuringSync = null;
            file.Release([released]);
            during = file.Write([3]);
        };
        file.Sync();
        medium.FailsSync = true;
        Assert.Throws<IOException>(file.Sync);
        medium.FailsSync = false;
        file.Sync();
        Assert.Contains(during!.Offset, medium.Durable);
    }

    [Fact]
    public async Task Readers_find_each_row_whole_while_it_moves()
    {
        const int rows = 6;
        await using var store = SimulatedStore.Open(SimulatedStore.NewDisk());
        for (var i = 0; i < rows; i++)
            await SimulatedStore.PutAsync(store, NoteOf(i, 0));
        using var over = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(reader => Task.Run(() =>
        {
            var reads = 0;
            for (; !over.IsCancellationRequested; reads++)
            {
                var found = reader % 2 == 0
                    ? [store.Get(Note.All, Key.Of($"{reads % rows}"))!]
                    : store.Range(Note.All, Key.Of("0"), Key.Of("9"), rows);
                Assert.All(found, note => Assert.Equal(note.Content.Length, note.Content.Count(octet => octet == note.Content[0])));
            }
            return reads;
        })).ToList();
        for (var round = 1; round < 150; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, rows).Select(i => SimulatedStore.PutAsync(store, NoteOf(i, round))));
            if (round % 2 == 0)
                await store.CheckpointAsync();
        }
        await over.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 10, $"{reads} reads"));
    }

    private static Note NoteOf(int i, int round) => Note.With($"{i}", null, new string((char)('a' + (i + round) % 26), 3500 + (i * 977 + round * 1531) % 20_000));

    /// <summary>Drops what was written before a sync that fails, as a disk may; it is readable still, as from the system's memory.</summary>
    private sealed class ForgetfulFile : IPageFile
    {
        private readonly Dictionary<long, byte[]> _written = [];
        private readonly HashSet<long> _dirty = [];

        public bool FailsSync { get; set; }

        public Action? DuringSync { get; set; }

        public HashSet<long> Durable { get; } = [];

        public long Length => _written.Count == 0 ? 0 : _written.Max(write => write.Key + write.Value.Length);

        public void Forget(long offset) => _written[offset] = new byte[Block];

        public int Read(Span<byte> buffer, long offset)
        {
            _written[offset].AsSpan(0, buffer.Length).CopyTo(buffer);
            return buffer.Length;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            _written[offset] = bytes.ToArray();
            _dirty.Add(offset);
        }

        public void SetLength(long length) => throw new NotSupportedException();

        public void Sync()
        {
            if (!FailsSync)
                Durable.UnionWith(_dirty);
            _dirty.Clear();
            DuringSync?.Invoke();
            if (FailsSync)
                throw new IOException("The disk fails here.");
        }

        public void Dispose()
        {
        }
    }
}
