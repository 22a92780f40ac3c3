using System.Globalization;
using System.Text.RegularExpressions;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Durability;

/// <summary>Bytes written to a file, or a name put into a folder.</summary>
/// <param name="Path">The file, or what got the name.</param>
/// <param name="Holder">What has to be synced: the file, or the folder with the name.</param>
/// <param name="Durable">The line at which the first sync that began behind it was over; none: the end of time.</param>
internal sealed record Change(string Path, string Holder, int Bytes, int Began, int Ended, int Durable)
{
    public bool IsName => Path != Holder;
}

/// <summary>A message's 250, on its way from the moment it was handed to the kernel.</summary>
/// <param name="Received">Bytes that came on this connection since the reply to the message before: envelope and message.</param>
/// <param name="Complete">The line at which the last of them had come.</param>
internal sealed record Kept(string Connection, int Received, int Complete, int Began);

/// <summary>
/// What a running appliance did to the files that hold mail, what it synced, and when it said 250, all out of one record of its system calls. The
/// mark is left out: it says how far the log had been synced, always late. So are names that went.
/// </summary>
internal sealed partial class TracedDisk
{
    public static readonly IReadOnlyList<string> Calls =
    [
        "open", "openat", "creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "write", "writev", "pwrite64", "pwritev",
        "pwritev2", "ftruncate", "fallocate", "fsync", "fdatasync", "sendto", "sendmsg", "recvfrom", "recvmsg",
    ];

    private readonly string _data;

    /// <param name="data">The data folder.</param>
    public TracedDisk(string data, IReadOnlyList<SystemCall> calls)
    {
        _data = data;
        var syncs = calls.Where(IsSync).ToLookup(FileOf);
        Changes =
        [
            .. from call in calls
               where call.Succeeded
               from change in ChangesBy(call)
               where HoldsMail(change.Path)
               let sync = syncs[change.Holder].Where(sync => sync.Began > call.Ended).Min(sync => (int?)sync.Ended)
               orderby call.Began
               select change with { Durable = sync ?? int.MaxValue },
        ];
        Replies = ReadReplies(calls);
    }

    public string Journal => Path.Combine(_data, "store", "journal");

    public string Blobs => Path.Combine(_data, "blobs");

    /// <summary>In the order in which they began.</summary>
    public IReadOnlyList<Change> Changes { get; }

    /// <summary>In the order in which they were said.</summary>
    public IReadOnlyList<Kept> Replies { get; }

    public static bool IsSync(SystemCall call) => call is { Name: "fsync" or "fdatasync", Succeeded: true };

    /// <summary>The file, folder or socket a call is about, by its first argument.</summary>
    public static string FileOf(SystemCall call) => Strace.Unescape(Descriptor().Match(call.Arguments).Groups[1].Value);

    private static IEnumerable<Change> ChangesBy(SystemCall call)
    {
        switch (call.Name)
        {
            case "write" or "writev" or "pwrite64" or "pwritev" or "pwritev2" or "ftruncate" or "fallocate":
                yield return new Change(FileOf(call), FileOf(call), Number(call.Result), call.Began, call.Ended, 0);
                break;
            case "creat" or "mkdir" or "mkdirat" or "rename" or "renameat" or "renameat2" or "link" or "linkat":
            case "open" or "openat" when call.Arguments.Contains("O_CREAT", StringComparison.Ordinal):
                // The server names files by absolute paths; the last one is the one that appears.
                var path = Strace.Unescape(Quoted().Matches(call.Arguments)[^1].Groups[1].Value);
                yield return new Change(path, Path.GetDirectoryName(path)!, 0, call.Began, call.Ended, 0);
                break;
        }
    }

    private static List<Kept> ReadReplies(IReadOnlyList<SystemCall> calls)
    {
        var replies = new List<Kept>();
        var received = new Dictionary<string, (int Bytes, int Complete)>();
        foreach (var call in calls)
        {
            var connection = FileOf(call);
            switch (call.Name)
            {
                case "recvfrom" or "recvmsg" when call.Succeeded:
                    var (bytes, complete) = received.GetValueOrDefault(connection);
                    var more = Number(call.Result);
                    received[connection] = (bytes + more, more > 0 ? call.Ended : complete);
                    break;
                case "sendto" or "sendmsg" when Reply().IsMatch(call.Arguments):
                    replies.Add(new Kept(connection, received[connection].Bytes, received[connection].Complete, call.Began));
                    received.Remove(connection);
                    break;
            }
        }
        return [.. replies.OrderBy(reply => reply.Began)];
    }

    /// <summary>Not the page files: they are fed from the journal, later.</summary>
    private bool HoldsMail(string path)
    {
        var relative = Path.GetRelativePath(_data, path);
        return relative.Split('/')[0] is "store.new" or "store" or "blobs" && relative is not ("store/mark" or "store/log" or "store/data" or "store/values") || relative == "secrets/store.key";
    }

    private static int Number(string result) => int.Parse(Digits().Match(result).ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\d+<((?:[^>\\]|\\.)*)>")]
    private static partial Regex Descriptor();

    [GeneratedRegex("""
        "((?:[^"\\]|\\.)*)"
        """)]
    private static partial Regex Quoted();

    [GeneratedRegex("\"250 2\\.0\\.0 ")]
    private static partial Regex Reply();

    [GeneratedRegex(@"^\d+")]
    private static partial Regex Digits();
}
