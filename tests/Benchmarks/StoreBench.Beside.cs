using System.Diagnostics;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Appliance.Server.Mailboxes;
using Appliance.Server.SelfDestruct;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Benchmarks;

/// <summary>What arrivals feel of long work beside them.</summary>
internal sealed partial class StoreBench
{
    private const int Minutes = 60;
    private const int RealMinutes = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// A line for nothing beside, for reading everything as an export does, and for destroying a tenth of the messages that expire within an hour: for
    /// some minutes as it happens, a run a minute; then one run after the other; and as many again in one run.
    /// </summary>
    public async Task BesideAsync(int count, int bodyBytes)
    {
        await InsertAsync(count, 128, bodyBytes, asBlob: false);
        await _store.CheckpointAsync();
        Console.WriteLine("| beside | took s | arrivals | p50 ms | p99 ms | worst ms | p99 to idle |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        var idle = await ArriveBesideAsync("nothing", () => Task.Delay(TimeSpan.FromSeconds(20)), idleP99: null);
        await ArriveBesideAsync("reading every body", () => Task.Run(Scan), idle);

        var time = new SteppedTime();
        using var clock = new DestructionClock(_store, time, new Unsynchronized(), NullLogger<DestructionClock>.Instance);
        using var destroyer = new Destroyer(_store, clock, new MailboxChanges(new Sessions(_store, time)), time, NullLogger<Destroyer>.Instance);
        await destroyer.RunAsync(CancellationToken.None);
        await ExpireAsync([.. _messages.Take(count / 10)], i => time.GetUtcNow().AddMinutes(1 + (i * Minutes / (count / 10.0))));
        await ArriveBesideAsync(
            $"destroying {count / 10 / Minutes:N0} a minute",
            async () =>
            {
                for (var minute = 0; minute < RealMinutes; minute++)
                {
                    await Task.Delay(TimeSpan.FromMinutes(1));
                    await destroyer.RunAsync(CancellationToken.None);
                }
            },
            idle);
        await ArriveBesideAsync(
            "destroying the others in as many runs, without a pause",
            async () =>
            {
                for (var minute = RealMinutes; minute <= Minutes; minute++)
                {
                    time.Offset += TimeSpan.FromMinutes(1);
                    await destroyer.RunAsync(CancellationToken.None);
                }
            },
            idle);
        await ExpireAsync([.. _messages.Skip(count / 10).Take(count / 10)], _ => time.GetUtcNow().AddMinutes(1));
        time.Offset += TimeSpan.FromMinutes(1);
        await ArriveBesideAsync($"destroying {count / 10:N0} in one run", () => destroyer.RunAsync(CancellationToken.None), idle);
    }

    /// <returns>The 99th percentile in milliseconds.</returns>
    private async Task<double> ArriveBesideAsync(string name, Func<Task> work, double? idleP99)
    {
        var started = Stopwatch.GetTimestamp();
        var working = work();
        var took = new List<double>();
        do
        {
            var message = await NewAsync(10_800, asBlob: false);
            took.Add((await TimeAsync(() => _store.WriteAsync(transaction => transaction.Append(message)))).TotalMilliseconds);
            await Task.Delay(Pause);
        }
        while (!working.IsCompleted);
        await working;
        took.Sort();
        var p99 = took[(int)(took.Count * 0.99)];
        Line(name, Stopwatch.GetElapsedTime(started).TotalSeconds, took.Count, took[took.Count / 2], p99, took[^1], p99 / (idleP99 ?? p99));
        return p99;
    }

    private async Task ExpireAsync(IReadOnlyList<(MailboxId Mailbox, MessageId Message)> messages, Func<int, DateTimeOffset> at)
    {
        var account = new AccountId(ObjectId.New());
        foreach (var some in messages.Select((message, index) => (message.Mailbox, message.Message, At: at(index))).Chunk(200))
            await _store.WriteAsync(transaction =>
            {
                foreach (var (mailbox, message, when) in some)
                    transaction.Expire(new MailboxEdit(account, mailbox, ObjectId.New(), [message]), when, null, DateTimeOffset.UnixEpoch);
                return 0;
            });
    }

    /// <summary>Both clocks of the machine, put forward.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;

        public override long GetTimestamp() => System.GetTimestamp() + (long)(Offset.TotalSeconds * System.TimestampFrequency);
    }

    private sealed class Unsynchronized : IClockSynchronization
    {
        public bool IsSynchronized() => false;
    }
}
