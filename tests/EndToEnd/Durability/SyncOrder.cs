namespace Appliance.EndToEnd.Durability;

/// <summary>Whether what a 250 promises was on the disk before it was said.</summary>
internal static class SyncOrder
{
    /// <summary>How much a blob is longer than the message at most (seals), or shorter than message and envelope.</summary>
    private const int Overhead = 2048;

    /// <summary>Messages sent at once must differ by more than this to be told apart.</summary>
    public const int Apart = 2 * Overhead;

    /// <summary>
    /// For mail sent one message at a time: whatever had been changed before a reply was synced before it. What is written behind goes to the
    /// journal too, once a second. So a write that began when another one since the message was complete had been synced is not held against the
    /// reply, as the message may lie in the other. Of which messages there was no other, <see cref="HasJournalAlone"/> says.
    /// </summary>
    public static IReadOnlyList<string> ProblemsAlone(TracedDisk disk, IEnumerable<Kept> replies) =>
    [
        .. from reply in replies
           let journal = JournalWritesOf(disk, reply)
           from change in disk.Changes
           where change.Began < reply.Began && change.Durable > reply.Began
           where !(change.Path == disk.Journal && journal.Exists(write => write.Durable < change.Began))
           select Text(reply, change),
    ];

    /// <summary>Whether the journal was written once in the time of a message sent alone: that write holds it.</summary>
    public static bool HasJournalAlone(TracedDisk disk, Kept reply) => JournalWritesOf(disk, reply).Count == 1;

    /// <summary>
    /// For mail sent at once, where other messages may rightly be half written when one is answered.
    /// <para>A large message's blob is known by its length: its bytes, its name and its folder's name must have been synced.</para>
    /// <para>Which write to the journal holds a message is not to be seen. But the journal is written by one thread, so first, no write may begin
    /// before the one before it was synced. Then at most one, the latest, is unsynced at a reply, and second, there must be another that
    /// was synced, and begun when the message was complete. What this cannot see is a reply that took a later write than such a one
    /// to be durable; <see cref="IsCertain"/> says of which replies that can be ruled out.</para>
    /// </summary>
    public static IReadOnlyList<string> ProblemsAtOnce(TracedDisk disk, IReadOnlyList<Kept> replies)
    {
        var problems = new List<string>();
        var first = replies.Min(reply => reply.Complete);
        var journal = JournalWrites(disk).Where(write => write.Began > first).ToList();
        problems.AddRange(
            from pair in journal.Zip(journal.Skip(1))
            where pair.First.Durable > pair.Second.Began
            select $"{disk.Journal} was written at line {pair.Second.Began} while what was written at line {pair.First.Began} was unsynced");
        problems.AddRange(
            from reply in replies
            where !journal.Any(write => write.Began > reply.Complete && write.Durable < reply.Began)
            select $"the 250 at line {reply.Began} came before any write to {disk.Journal} that could hold its message was synced");
        var blobs = disk.Changes.Where(change => !change.IsName && IsBlob(disk, change)).GroupBy(change => change.Path).ToList();
        problems.AddRange(
            from reply in replies
            where IsLarge(reply)
            let mine = blobs.Where(blob => Math.Abs(blob.Sum(write => write.Bytes) - reply.Received) < Overhead).Select(blob => blob.Key).ToList()
            from problem in mine.Count == 1
                ? Problems(disk, reply, mine[0])
                : [$"the message of {reply.Received} bytes has {mine.Count} blobs of its size"]
            select problem);
        return problems;
    }

    public static IEnumerable<Change> JournalWrites(TracedDisk disk) => disk.Changes.Where(change => change.Path == disk.Journal && !change.IsName);

    /// <summary>Whether only synced writes to the journal could hold the message, when it was answered.</summary>
    public static bool IsCertain(TracedDisk disk, Kept reply) =>
        !JournalWritesOf(disk, reply).Exists(write => write.Durable > reply.Began);

    public static bool IsBlob(TracedDisk disk, Change change) => change.Path.StartsWith(disk.Blobs + "/", StringComparison.Ordinal);

    /// <summary>Whether the message was too large to lie in its row.</summary>
    public static bool IsLarge(Kept reply) => reply.Received > 20_000;

    private static List<Change> JournalWritesOf(TracedDisk disk, Kept reply) =>
        [.. JournalWrites(disk).Where(write => write.Began > reply.Complete && write.Began < reply.Began)];

    private static IEnumerable<string> Problems(TracedDisk disk, Kept reply, string blob) =>
        from change in disk.Changes
        where (blob == change.Path || blob.StartsWith(change.Path + "/", StringComparison.Ordinal)) && change.Durable > reply.Began
        select Text(reply, change);

    private static string Text(Kept reply, Change change)
    {
        var what = change.IsName ? "the name " + change.Path : "bytes";
        return $"the 250 at line {reply.Began} came before {change.Holder} was synced, where {what} had been put at line {change.Began}";
    }
}
