namespace Appliance.Mail.Smtp;

/// <summary>The memory that all messages in transit share. What does not fit is refused with 452.</summary>
public sealed class MessageBudget(long bytes)
{
    private const long Large = 4 << 20;
    private const long Much = 32 << 20;
    private long _free = bytes;
    private long _garbage; // what large messages gave back since it was collected

    public static MessageBudget QuarterOfMemory() => new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    public long Free => Interlocked.Read(ref _free);

    internal bool TryTake(int count)
    {
        if (Interlocked.Add(ref _free, -count) >= 0)
            return true;
        Interlocked.Add(ref _free, count);
        return false;
    }

    internal void Give(long count)
    {
        Interlocked.Add(ref _free, count);
        // Of a large message the array pool keeps little. The rest is old by now: the collector would leave it until others have taken as much again, or twice.
        if (count >= Large && Interlocked.Add(ref _garbage, count) >= Much && Interlocked.Exchange(ref _garbage, 0) >= Much)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
    }
}
