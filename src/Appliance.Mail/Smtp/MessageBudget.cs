namespace Appliance.Mail.Smtp;

/// <summary>The memory that all messages in transit share. What does not fit is refused with 452.</summary>
public sealed class MessageBudget(long bytes)
{
    private long _free = bytes;

    public static MessageBudget QuarterOfMemory() => new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    public long Free => Interlocked.Read(ref _free);

    internal bool TryTake(int count)
    {
        if (Interlocked.Add(ref _free, -count) >= 0)
            return true;
        Interlocked.Add(ref _free, count);
        return false;
    }

    internal void Give(long count) => Interlocked.Add(ref _free, count);
}
