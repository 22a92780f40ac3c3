using System.Collections.Concurrent;

namespace Appliance.Mail.Smtp;

/// <summary>The memory that all messages in transit share, of which one network (<see cref="ClientNetwork"/>) may have a quarter, or one message. What does not fit is refused with 452.</summary>
public sealed class MessageBudget(long bytes)
{
    private const long Large = 4 << 20;
    private const long Much = 32 << 20;
    private readonly ConcurrentDictionary<string, long> _ofNetworks = new();
    private readonly long _mostOfOne = bytes / 4;
    private long _free = bytes;
    private long _garbage; // what large messages gave back since it was collected

    public static MessageBudget QuarterOfMemory() => new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    public long Free => Interlocked.Read(ref _free);

    /// <param name="network">Whose message it is for; null: of somebody who may have all of it.</param>
    /// <param name="before">What this message has already.</param>
    internal bool TryTake(int count, string? network, long before)
    {
        if (network is not null && _ofNetworks.AddOrUpdate(network, count, (_, taken) => taken + count) is var taken && taken > _mostOfOne && taken > before + count)
        {
            GiveFor(network, count);
            return false;
        }
        if (Interlocked.Add(ref _free, -count) >= 0)
            return true;
        Give(count, network);
        return false;
    }

    internal void Give(long count, string? network)
    {
        if (network is not null)
            GiveFor(network, count);
        Interlocked.Add(ref _free, count);
        // Of a large message the array pool keeps little. The rest is old by now: the collector would leave it until others have taken as much again, or twice.
        if (count >= Large && Interlocked.Add(ref _garbage, count) >= Much && Interlocked.Exchange(ref _garbage, 0) >= Much)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
    }

    private void GiveFor(string network, long count)
    {
        if (_ofNetworks.AddOrUpdate(network, 0, (_, taken) => taken - count) == 0)
            _ofNetworks.TryRemove(KeyValuePair.Create(network, 0L));
    }
}
