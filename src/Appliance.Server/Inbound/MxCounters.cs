using System.Collections.Concurrent;
using Appliance.Contracts;
using Appliance.Mail.Smtp;

namespace Appliance.Server.Inbound;

/// <summary>What happened at the ports for mail since the service started, in counts that name nobody.</summary>
internal sealed class MxCounters(MessageBudget budget, TimeProvider time)
{
    private readonly DateTimeOffset _since = time.GetUtcNow();
    private readonly ConcurrentDictionary<string, long> _tls = new();
    private readonly ConcurrentDictionary<string, long> _refusals = new(); // of a fixed set of replies, so there are few
    private long _begun;
    private long _ended;
    private long _messages;
    private long _failedHandshakes;
    private long _refusedConnections;

    public void Begin() => Interlocked.Increment(ref _begun);

    public void RefuseConnection() => Interlocked.Increment(ref _refusedConnections);

    public void Refuse(SmtpReply reply) => Add(_refusals, $"{reply.Code} {reply.Enhanced}");

    public void End(SmtpEnd? end)
    {
        Interlocked.Increment(ref _ended);
        if (end is null)
            return;
        Interlocked.Add(ref _messages, end.Messages);
        if (end.Reason == SmtpEndReason.TlsFailed)
            Interlocked.Increment(ref _failedHandshakes);
        else
            Add(_tls, end.Tls?.Protocol.ToString() ?? "clear");
    }

    public MxStatusResponse Read()
    {
        var (ended, begun) = (Interlocked.Read(ref _ended), Interlocked.Read(ref _begun));
        return new MxStatusResponse(
            _since, begun - ended, begun, Interlocked.Read(ref _refusedConnections), Interlocked.Read(ref _messages), new SortedDictionary<string, long>(_tls, StringComparer.Ordinal),
            Interlocked.Read(ref _failedHandshakes), new SortedDictionary<string, long>(_refusals, StringComparer.Ordinal), budget.Free);
    }

    private static void Add(ConcurrentDictionary<string, long> counts, string key) => counts.AddOrUpdate(key, 1, static (_, count) => count + 1);
}
