using System.Collections.Concurrent;

namespace Appliance.Mail.Dns;

/// <summary>
/// Answers by question until their time is over (RFC 2308 §5 for those that say there is nothing). Bounded by what the records hold: when it is full what is over goes,
/// and if that was not enough, everything.
/// </summary>
internal sealed class DnsCache(TimeProvider time, long mostBytes = 16 << 20)
{
    private const int EntryBytes = 200;
    private readonly ConcurrentDictionary<(string Name, DnsType Type), Entry> _entries = new();
    private readonly long _began = time.GetTimestamp();
    private long _bytes;

    /// <summary>Since the cache was made: a step of the machine's clock makes no answer older.</summary>
    private TimeSpan Now => time.GetElapsedTime(_began);

    public DnsAnswer? Find(string name, DnsType type) =>
        _entries.TryGetValue((name, type), out var entry) && entry.Until > Now ? entry.Answer : null;

    public void Keep(string name, DnsType type, DnsAnswer answer, TimeSpan lifetime)
    {
        var bytes = EntryBytes + (2L * name.Length) + answer.Records.Sum(BytesOf);
        if (lifetime <= TimeSpan.Zero || bytes > mostBytes / 8)
            return;
        if (Interlocked.Read(ref _bytes) + bytes > mostBytes)
            MakeRoom(bytes);
        _entries.AddOrUpdate(
            (name, type),
            _ => Counted(new Entry(answer, Now + lifetime, bytes), bytes),
            (_, before) => Counted(new Entry(answer, Now + lifetime, bytes), bytes - before.Bytes));
    }

    /// <summary>A name may be many times what it took in an answer, where all but a label of it is a reference (RFC 1035 §4.1.4).</summary>
    private static long BytesOf(DnsRecord record) => 60 + (2L * record switch
    {
        TxtRecord { Text: var text } => text.Length,
        MxRecord { Exchange: var exchange } => exchange.Length,
        PtrRecord { Name: var name } => name.Length,
        _ => 0,
    });

    private Entry Counted(Entry entry, long change)
    {
        Interlocked.Add(ref _bytes, change);
        return entry;
    }

    private void MakeRoom(long bytes)
    {
        var now = Now;
        foreach (var (question, entry) in _entries)
            if (entry.Until <= now)
                Remove(question);
        if (Interlocked.Read(ref _bytes) + bytes <= mostBytes)
            return;
        foreach (var question in _entries.Keys)
            Remove(question);
    }

    private void Remove((string Name, DnsType Type) question)
    {
        if (_entries.TryRemove(question, out var removed))
            Interlocked.Add(ref _bytes, -removed.Bytes);
    }

    private sealed record Entry(DnsAnswer Answer, TimeSpan Until, long Bytes);
}
