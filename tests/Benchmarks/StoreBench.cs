using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.Server.Audit;
using Appliance.Server.Mailboxes;
using Appliance.Server.SelfDestruct;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Benchmarks;

/// <summary>
/// The store by itself, with the rows an arrival writes (random bytes where it has ciphertext), in ten mailboxes. Everything is read through the seam.
/// </summary>
internal sealed partial class StoreBench : IAsyncDisposable
{
    private const int Reads = 2_000;
    private const int ListPage = 100;

    private static readonly ICollectionDeclaration[] Collections =
        [MailboxRow.All, MailboxMemberRow.All, FolderRow.All, BodyRow.All, MessageRow.All, ErasureKeyRow.All, MembershipRow.All, OperationRow.All,
            RetentionPolicyRow.All, RetentionWorkRow.All, TimeRow.All, AuditRow.All];

    private readonly StoreOptions _options;
    private readonly List<MailboxId> _mailboxes = [];
    private readonly List<(MailboxId Mailbox, MessageId Message)> _messages = [];
    private LiteDbStore _store = null!;

    private StoreBench(string path) => _options = new StoreOptions { Path = path };

    public static async Task<StoreBench> OpenAsync()
    {
        var bench = new StoreBench(Directory.CreateTempSubdirectory("appliance-bench-").FullName);
        await bench.ReopenAsync();
        for (var i = 0; i < 10; i++)
        {
            var mailbox = new MailboxId(ObjectId.New());
            bench._mailboxes.Add(mailbox);
            await bench._store.WriteAsync(transaction =>
            {
                transaction.AddMailbox(mailbox, new AccountId(ObjectId.New()), new byte[100], DateTimeOffset.UnixEpoch);
                return true;
            });
        }
        return bench;
    }

    /// <summary>A line for each of the sizes: rates of the last messages before it, then opening, listing and reading.</summary>
    public async Task GrowAsync(IReadOnlyList<int> sizes, int bodyBytes)
    {
        Console.WriteLine("| messages | inserts/s alone | in groups of 32 | of 128 | open ms | list of 100 ms | random read µs | scan messages/s | RSS MB | files MB |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var size in sizes)
        {
            var sample = Math.Min(5_000, size / 10);
            await InsertAsync(size - _messages.Count - 3 * sample, 128, bodyBytes, asBlob: false);
            var many = await InsertAsync(sample, 128, bodyBytes, asBlob: false);
            var some = await InsertAsync(sample, 32, bodyBytes, asBlob: false);
            var alone = await InsertAsync(sample, 1, bodyBytes, asBlob: false);
            var open = await TimeAsync(ReopenAsync);
            var list = await BestAsync(List);
            var read = await ReadAsync();
            var scan = Scan();
            Line($"{size:N0}", alone, some, many, open.TotalMilliseconds, list.TotalMilliseconds, read.TotalMicroseconds, scan, Resident(), Files());
        }
    }

    /// <summary>A line for each body size, kept in the row and kept in a blob.</summary>
    public async Task CompareBodiesAsync(IReadOnlyList<int> bodySizes, int count)
    {
        Console.WriteLine("| body KB | kept in | inserts/s in groups of 4 | of 32 | random read µs | RSS MB |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|");
        foreach (var size in bodySizes)
            foreach (var asBlob in new[] { false, true })
            {
                _messages.Clear();
                await InsertAsync(count, 32, size, asBlob);
                var few = await InsertAsync(count, 4, size, asBlob);
                var some = await InsertAsync(count, 32, size, asBlob);
                await ReopenAsync();
                var read = await ReadAsync();
                Line($"{size / 1024}", asBlob ? "blob" : "row", few, some, read.TotalMicroseconds, Resident());
            }
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_options.Path, recursive: true);
    }

    private async Task ReopenAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        _store = await LiteDbStore.OpenAsync(_options, Collections, TimeProvider.System);
    }

    /// <summary>Messages per second, so many waiting at once, as that many sessions would.</summary>
    private async Task<double> InsertAsync(int count, int group, int bodyBytes, bool asBlob)
    {
        if (count <= 0)
            return 0;
        var left = count;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, group).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await InsertAsync(bodyBytes, asBlob);
        }));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private async Task InsertAsync(int bodyBytes, bool asBlob)
    {
        var message = await NewAsync(bodyBytes, asBlob);
        await _store.WriteAsync(transaction => transaction.Append(message));
        lock (_messages)
            _messages.Add((message.Copies[0].MailboxId, message.Copies[0].MessageId));
    }

    private async Task<NewMessage> NewAsync(int bodyBytes, bool asBlob)
    {
        var now = TimeProvider.System.GetUtcNow();
        var body = RandomNumberGenerator.GetBytes(bodyBytes);
        var mailbox = _mailboxes[RandomNumberGenerator.GetInt32(_mailboxes.Count)];
        var id = new MessageId(ObjectId.NewInOrder(now));
        var erasureKey = ErasureKey.New();
        return new NewMessage
        {
            BodyId = new BodyId(ObjectId.NewInOrder(now)),
            Summary = RandomNumberGenerator.GetBytes(900),
            Segments = [new StoredSegment { Index = 0, Offset = 0, Length = 400 }, new StoredSegment { Index = 1, Offset = 400, Length = bodyBytes - 400 }],
            Inline = asBlob ? (ReadOnlyMemory<byte>?)null : body,
            Blob = asBlob ? await _store.Blobs.WriteAsync(body.Length, output => output(body)) : null,
            Origin = MessageOrigin.Arrival,
            Size = bodyBytes,
            ArrivedAt = now,
            Copies =
            [
                new NewCopy
                {
                    MailboxId = mailbox,
                    MessageId = id,
                    KeyFingerprint = new string('0', 40),
                    ErasureKey = erasureKey,
                    KeyPackets =
                    [
                        new StoredKeyPacket
                        {
                            Opens = KeyPacketOpens.Body,
                            Type = "pkesk",
                            Suite = "curve25519",
                            Wrapped = ErasureKey.Wrap(erasureKey, RandomNumberGenerator.GetBytes(100), id, mailbox),
                        },
                    ],
                    Slip = RandomNumberGenerator.GetBytes(300),
                },
            ],
        };
    }

    private Task List()
    {
        var mailbox = _mailboxes[0];
        var inbox = _store.FoldersOf(mailbox).First(folder => folder.Role == FolderRole.Inbox);
        _ = new MailboxReader(_store, new NoExpiry(), NullLogger<MailboxReader>.Instance).List(mailbox, inbox.Id, before: null, after: null, ListPage);
        return Task.CompletedTask;
    }

    /// <summary>One message's row and body, at random.</summary>
    private async Task<TimeSpan> ReadAsync()
    {
        var reader = new MailboxReader(_store, new NoExpiry(), NullLogger<MailboxReader>.Instance);
        return await TimeAsync(async () =>
        {
            for (var i = 0; i < Reads; i++)
            {
                var (mailbox, message) = _messages[RandomNumberGenerator.GetInt32(_messages.Count)];
                _ = await reader.ReadSegmentAsync(mailbox, message, 1, CancellationToken.None) ?? throw new InvalidOperationException("A message is gone.");
            }
        }) / Reads;
    }

    /// <summary>Every body, a hundred at a time, as an export or a backup reads them: per second.</summary>
    private double Scan()
    {
        const int page = 100;
        var started = Stopwatch.GetTimestamp();
        var count = 0;
        byte[] from = [];
        while (_store.Range(BodyRow.All, from, Key.Last, page) is { Count: > 0 } rows)
        {
            count += rows.Count;
            from = Key.After(Key.Of(rows[^1].Id.Value));
        }
        return count >= _messages.Count
            ? count / Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new InvalidOperationException($"{count} bodies for {_messages.Count} messages.");
    }

    private static async Task<TimeSpan> BestAsync(Func<Task> run)
    {
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
            best = await TimeAsync(run) is var time && time < best ? time : best;
        return best;
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> run)
    {
        var started = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(started);
    }

    private static long Resident()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 / 1_000_000;
    }

    private long Files() =>
        new DirectoryInfo(_options.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / 1_000_000;

    private static void Line(params object[] cells) => Console.WriteLine(
        $"| {string.Join(" | ", cells.Select(cell => cell is double number ? number.ToString(number < 10 ? "F2" : "F0", CultureInfo.InvariantCulture) : cell))} |");

    private sealed class NoExpiry : IExpiryClock
    {
        public DateTimeOffset Now => DateTimeOffset.MinValue;
    }
}
