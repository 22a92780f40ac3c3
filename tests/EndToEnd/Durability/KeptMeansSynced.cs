using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Durability;

/// <summary>Promise 2, seen from the kernel: 250 is said when the message, and the names of the files it lies in, are on the disk.</summary>
public sealed class KeptMeansSynced(TracedRun run) : IClassFixture<TracedRun>
{
    private readonly TracedDisk _disk = new(run.DataPath, run.Calls);

    public static TheoryData<string> Holders => ["journal", "blob", "folder of the blob", "folder of the folder"];

    [Fact]
    public void Every_250_that_a_sender_got_is_in_the_record()
    {
        Assert.All(run.Answers, answer => Assert.StartsWith("250 2.0.0 ", answer, StringComparison.Ordinal));
        Assert.Equal(TracedRun.SentAlone + TracedRun.SentAtOnce, run.Answers.Count);
        Assert.Equal(run.Answers.Count, _disk.Replies.Count);
    }

    [Fact]
    public void All_that_a_message_changed_is_synced_before_its_250()
    {
        AssertNone(SyncOrder.ProblemsAlone(_disk, Alone(_disk)));
        Assert.True(Alone(_disk).Count(reply => SyncOrder.HasJournalAlone(_disk, reply)) >= TracedRun.SentAlone / 4);
    }

    [Fact]
    public void What_a_message_changed_is_what_it_should()
    {
        Assert.Equal(TracedRun.SentAlone / 2, Alone(_disk).Count(SyncOrder.IsLarge));
        Assert.All(Alone(_disk), reply =>
        {
            var changes = _disk.Changes.Where(change => change.Began > reply.Complete && change.Began < reply.Began).ToList();
            Assert.Contains(changes, change => change.Path == _disk.Journal);
            Assert.Equal(SyncOrder.IsLarge(reply), changes.Any(change => SyncOrder.IsBlob(_disk, change) && !change.IsName));
            Assert.Equal(SyncOrder.IsLarge(reply), changes.Any(change => SyncOrder.IsBlob(_disk, change) && change.IsName));
        });
        Assert.Contains(_disk.Changes, change => change.Holder == _disk.Blobs);
    }

    [Fact]
    public void So_it_is_when_messages_arrive_at_once()
    {
        AssertNone(SyncOrder.ProblemsAtOnce(_disk, AtOnce(_disk)));
        // They were: one was complete before another was answered. And of some it can be told for certain.
        Assert.True(AtOnce(_disk).Count(reply => AtOnce(_disk).Exists(other =>
            other != reply && other.Complete < reply.Began && reply.Complete < other.Began)) >= TracedRun.Sessions);
        Assert.True(AtOnce(_disk).Count(reply => SyncOrder.IsCertain(_disk, reply)) >= TracedRun.Sessions);
    }

    /// <summary>The positive control: the same record without one of its syncs.</summary>
    [Theory]
    [MemberData(nameof(Holders))]
    public void A_missing_sync_is_found(string holder)
    {
        var (sync, name) = SyncOf(holder, OneWrite(_disk, holder));
        var doctored = new TracedDisk(run.DataPath, [.. run.Calls.Where(call => call != sync)]);
        Assert.Contains(
            SyncOrder.ProblemsAlone(doctored, Alone(doctored)), problem => problem.Contains($"before {name} was synced", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Holders))]
    public void A_sync_behind_the_250_is_found(string holder)
    {
        var (sync, name) = SyncOf(holder, OneWrite(_disk, holder));
        var reply = _disk.Replies.First(reply => reply.Began > sync.Ended);
        var doctored = new TracedDisk(run.DataPath, [.. run.Calls.Select(call => call == sync ? BehindOf(reply, call) : call)]);
        var problems = SyncOrder.ProblemsAlone(doctored, Alone(doctored));
        Assert.NotEmpty(problems);
        var expected = $"the 250 at line {reply.Began} came before {name} was synced";
        Assert.All(problems, problem => Assert.StartsWith(expected, problem, StringComparison.Ordinal));
    }

    // A sync that ends while the reply is being sent is late too.
    [Fact]
    public void A_sync_that_is_not_over_at_the_250_is_found()
    {
        var (sync, name) = SyncOf("journal", OneWrite(_disk, "journal"));
        var reply = _disk.Replies.First(reply => reply.Began > sync.Ended);
        var doctored = new TracedDisk(run.DataPath, [.. run.Calls.Select(call => call == sync ? call with { Ended = reply.Began + 1 } : call)]);
        Assert.Contains(
            SyncOrder.ProblemsAlone(doctored, Alone(doctored)), problem => problem.Contains($"before {name} was synced", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("blob")]
    [InlineData("folder of the blob")]
    [InlineData("journal")]
    public void A_file_or_folder_not_synced_from_some_time_on_is_found_when_messages_arrive_at_once(string holder)
    {
        var (sync, name) = SyncOf(holder, AtOnce(_disk));
        // Not this one alone: another session may sync the same folder in time.
        var doctored = new TracedDisk(
            run.DataPath, [.. run.Calls.Where(call => !TracedDisk.IsSync(call) || call.Ended < sync.Ended || TracedDisk.FileOf(call) != name)]);
        Assert.Contains(SyncOrder.ProblemsAtOnce(doctored, AtOnce(doctored)), problem => problem.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void Journal_syncs_behind_the_250_are_found_when_messages_arrive_at_once()
    {
        var replies = AtOnce(_disk);
        var doctored = new TracedDisk(run.DataPath,
        [
            .. run.Calls.Select(call => TracedDisk.IsSync(call) && TracedDisk.FileOf(call) == _disk.Journal
                && replies.FirstOrDefault(reply => reply.Began > call.Ended) is { } reply ? BehindOf(reply, call) : call),
        ]);
        Assert.Contains(
            SyncOrder.ProblemsAtOnce(doctored, AtOnce(doctored)), problem => problem.Contains("could hold its message", StringComparison.Ordinal));
    }

    // Assert.Empty cuts what it shows.
    private static void AssertNone(IReadOnlyList<string> problems) => Assert.True(problems.Count == 0, string.Join('\n', problems));

    private static List<Kept> Alone(TracedDisk disk) => [.. disk.Replies.Take(TracedRun.SentAlone)];

    // What is written behind goes to the journal too: of these messages it is known which write is theirs.
    private static List<Kept> OneWrite(TracedDisk disk, string holder) =>
        [.. Alone(disk).Where(reply => holder != "journal" || SyncOrder.HasJournalAlone(disk, reply))];

    private static List<Kept> AtOnce(TracedDisk disk) => [.. disk.Replies.Skip(TracedRun.SentAlone)];

    private static SystemCall BehindOf(Kept reply, SystemCall sync) => sync with { Began = reply.Began + 1, Ended = reply.Began + 2 };

    /// <summary>The sync that made a change of this kind durable, of the first of these messages that has one, and what was synced.</summary>
    private (SystemCall Sync, string Name) SyncOf(string holder, List<Kept> replies)
    {
        // The last such change before a reply is the message's own: what is written behind goes to the journal too.
        var change = replies.Select(reply => _disk.Changes.LastOrDefault(change => change.Began > reply.Complete && change.Durable < reply.Began && holder switch
        {
            "journal" => change.Path == _disk.Journal,
            "blob" => SyncOrder.IsBlob(_disk, change) && !change.IsName,
            "folder of the blob" => SyncOrder.IsBlob(_disk, change) && change.IsName && change.Holder != _disk.Blobs,
            _ => change.Holder == _disk.Blobs,
        })).First(change => change is not null)!;
        return (run.Calls.Single(call => TracedDisk.IsSync(call) && call.Ended == change.Durable), change.Holder);
    }
}
