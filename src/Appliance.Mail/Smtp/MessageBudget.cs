using System.Collections.Concurrent;

namespace Appliance.Mail.Smtp;

/// <summary>
/// The memory that all messages in transit share, of which one network (<see cref="ClientNetwork.SiteOf"/>) may have a quarter, or one message. What does not fit is refused with 452;
/// but first those that come slowly have to go, so that nobody holds the memory for as long as a session may take.
/// </summary>
public sealed class MessageBudget(long bytes, TimeProvider? time = null)
{
    private const long Large = 4 << 20;
    private const long Much = 32 << 20;
    private const double SlowBytesPerSecond = 64 << 10; // half a megabit, on average since the message began
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, long> _ofNetworks = new();
    private readonly ConcurrentDictionary<MessageBuffer, bool> _arriving = new();
    private readonly long _mostOfOne = bytes / 4;
    private long _free = bytes;
    private long _garbage; // what large messages gave back since it was collected

    public static MessageBudget QuarterOfMemory(TimeProvider? time = null) => new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4, time);

    public long Free => Interlocked.Read(ref _free);

    internal TimeProvider Time { get; } = time ?? TimeProvider.System;

    /// <summary>Whether a message of so many bytes would fit. Nobody has to go for one that is only announced.</summary>
    internal bool HasRoomFor(long count) => Free >= count || Free + SlowestFirst(null).Sum(message => message.Taken) >= count;

    internal bool TryTake(int count, MessageBuffer message)
    {
        while (!TryTake(count, message.Network, message.Taken, out var spent))
        {
            if (!TryEndSlowest(spent, message))
                return false;
        }
        return true;
    }

    internal void Give(long count, string? network)
    {
        if (network is not null)
            GiveFor(network, count);
        Interlocked.Add(ref _free, count);
        // Of many large messages the array pool keeps little. The rest is old by now: the collector would leave it until others have taken as much again, or twice.
        if (count >= Large && Interlocked.Add(ref _garbage, count) >= Much && Interlocked.Exchange(ref _garbage, 0) >= Much)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
    }

    /// <summary>More of this one is to come: it may be ended for being slow.</summary>
    internal void Watch(MessageBuffer message) => _arriving[message] = true;

    internal void Forget(MessageBuffer message) => _arriving.TryRemove(message, out _);

    /// <param name="before">What the message has already.</param>
    /// <param name="spent">The network that has its share; null: all have all of it.</param>
    private bool TryTake(int count, string? network, long before, out string? spent)
    {
        spent = network;
        if (network is not null && _ofNetworks.AddOrUpdate(network, count, (_, taken) => taken + count) is var taken && taken > _mostOfOne && taken > before + count)
        {
            GiveFor(network, count);
            return false;
        }
        spent = null;
        if (Interlocked.Add(ref _free, -count) >= 0)
            return true;
        Give(count, network);
        return false;
    }

    private bool TryEndSlowest(string? network, MessageBuffer asking)
    {
        foreach (var message in SlowestFirst(network))
        {
            if (message != asking && message.TryEnd())
                return true;
        }
        return false;
    }

    /// <param name="network">Only of this one; null: of all.</param>
    private IEnumerable<MessageBuffer> SlowestFirst(string? network) => _arriving.Keys
        .Where(message => (network is null || message.Network == network) && message.Age >= Grace)
        .Select(message => (Message: message, BytesPerSecond: message.Length / message.Age.TotalSeconds))
        .Where(message => message.BytesPerSecond < SlowBytesPerSecond)
        .OrderBy(message => message.BytesPerSecond)
        .Select(message => message.Message);

    private void GiveFor(string network, long count)
    {
        if (_ofNetworks.AddOrUpdate(network, 0, (_, taken) => taken - count) == 0)
            _ofNetworks.TryRemove(KeyValuePair.Create(network, 0L));
    }
}
