using LiteDB;
using LiteDB.Engine;

namespace Appliance.Server.Tests.Storage;

/// <summary>What our page streams rely on LiteDB doing. A failure here means: do not upgrade, or rework <c>Storage/Pages</c>.</summary>
public sealed class LiteDbHabitsTests
{
    private const int ConfirmOffset = 18;

    [Fact]
    public void It_is_the_version_this_was_found_out_with() =>
        Assert.Equal("5.0.20", typeof(LiteEngine).Assembly.GetName().Version!.ToString(3));

    [Fact]
    public void A_commit_appends_whole_pages_and_confirms_with_the_last()
    {
        using var data = new RecordingStream();
        using var log = new RecordingStream();
        using var engine = Open(data, log);
        engine.Pragma("CHECKPOINT", 0);
        log.WaitForCommits(1); // it returns before its page is written: hence the barrier
        data.Calls.Clear();
        log.Calls.Clear();
        var before = log.Length;

        engine.BeginTrans();
        for (var i = 0; i < 20; i++)
            engine.Upsert("rows", [new BsonDocument { ["_id"] = new byte[] { (byte)i }, ["v"] = new byte[10_000] }], BsonAutoId.ObjectId);
        Assert.Empty(log.Calls);
        engine.Commit();
        log.WaitForCommits(2);

        Assert.Empty(data.Calls);
        var writes = log.Calls.Where(call => call.Kind == "write").ToList();
        Assert.Equal(Enumerable.Range(0, writes.Count).Select(i => before + i * 8192L), writes.Select(call => call.Position));
        Assert.All(writes, write => Assert.Equal(8192, write.Bytes.Length));
        Assert.All(writes.SkipLast(1), write => Assert.Equal(0, write.Bytes[ConfirmOffset]));
        Assert.NotEqual(0, writes[^1].Bytes[ConfirmOffset]);
    }

    [Fact]
    public void A_checkpoint_writes_whole_data_pages_flushes_once_and_then_empties_the_log()
    {
        using var data = new RecordingStream();
        using var log = new RecordingStream();
        using var engine = Open(data, log);
        engine.Pragma("CHECKPOINT", 0);
        engine.Upsert("rows", [new BsonDocument { ["_id"] = 1, ["v"] = new byte[30_000] }], BsonAutoId.ObjectId);
        log.WaitForCommits(2);
        data.Calls.Clear();
        log.Calls.Clear();
        engine.Checkpoint();

        Assert.Equal("flush", data.Calls[^1].Kind);
        Assert.All(data.Calls.SkipLast(1), call => Assert.Equal(("write", 8192), (call.Kind, call.Bytes.Length)));
        Assert.Equal(0, Assert.Single(log.Calls, call => call.Kind == "length").Position);
    }

    private static LiteEngine Open(Stream data, Stream log) => new(new EngineSettings
    {
        DataStream = data,
        LogStream = log,
        TempStream = new MemoryStream([], writable: false),
        Collation = new Collation("en-US/Ordinal"),
    });

    private sealed record Call(string Kind, long Position, byte[] Bytes);

    private sealed class RecordingStream : Stream
    {
        private readonly MemoryStream _inner = new();
        private int _confirmed; // commits written but not flushed
        private int _commits;

        public List<Call> Calls { get; } = [];

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => _inner.Length;

        public override long Position { get => _inner.Position; set => _inner.Position = value; }

        public void WaitForCommits(int count) =>
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _commits) >= count, TimeSpan.FromSeconds(10)));

        public override void Flush()
        {
            Calls.Add(new Call("flush", 0, []));
            Interlocked.Add(ref _commits, _confirmed);
            _confirmed = 0;
        }

        public override int Read(byte[] buffer, int offset, int count) => _inner.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => _inner.Seek(offset, origin);

        public override void SetLength(long value)
        {
            Calls.Add(new Call("length", value, []));
            _inner.SetLength(value);
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            Calls.Add(new Call("write", Position, buffer.AsSpan(offset, count).ToArray()));
            _inner.Write(buffer, offset, count);
            if (buffer[offset + ConfirmOffset] != 0)
                _confirmed++;
        }
    }
}
