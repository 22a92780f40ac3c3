using System.Text.RegularExpressions;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Canary;

/// <param name="Call">The system call: openat, rename…</param>
/// <param name="Path">Absolute where strace knew it.</param>
public sealed record OpenedFile(int ProcessId, string Call, string Path);

/// <summary>
/// The files that a process and its children opened for writing, created, or gave a name, out of strace's record. It names files
/// that are long gone when a test looks at the disk.
/// </summary>
public static partial class OpenedFiles
{
    private const int LongestPath = 4096;

    private static readonly string[] Calls =
        ["open", "openat", "openat2", "creat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "truncate"];

    private static readonly string[] WritingFlags = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_TMPFILE"];

    /// <summary>The beginning of a command line that runs the rest of it as our direct child and writes to <paramref name="record"/>.</summary>
    public static IReadOnlyList<string> StraceTo(string record, string strace = "strace") => Strace.To(record, Calls, LongestPath, strace);

    public static IReadOnlyList<OpenedFile> Read(string record) => Of(Strace.Read(record));

    public static IReadOnlyList<OpenedFile> Of(IEnumerable<SystemCall> calls) => [.. calls.Where(call => call.Succeeded).SelectMany(Of)];

    private static IEnumerable<OpenedFile> Of(SystemCall call)
    {
        if (!Calls.Contains(call.Name))
            yield break;
        if (call.Name.StartsWith("open", StringComparison.Ordinal))
        {
            var flags = Flags().Match(call.Arguments, call.Arguments.LastIndexOf('"') + 1).Value.Split('|');
            if (!flags.Intersect(WritingFlags).Any())
                yield break;
        }
        // What the kernel opened, when strace says so; else what was asked for.
        if (ResultPath().Match(call.Result) is { Success: true } path)
        {
            yield return new OpenedFile(call.Thread, call.Name, Strace.Unescape(path.Groups[1].Value));
            yield break;
        }
        var paths = PathArgument().Matches(call.Arguments);
        // The target of a symbolic link is only text.
        foreach (var argument in call.Name.StartsWith("symlink", StringComparison.Ordinal) ? paths.Skip(1) : paths)
        {
            var (folder, name) = (Strace.Unescape(argument.Groups[1].Value), Strace.Unescape(argument.Groups[2].Value));
            yield return new OpenedFile(call.Thread, call.Name, Path.Combine(folder, name));
        }
    }

    [GeneratedRegex(@"\bO_[A-Z_|0-9]+")]
    private static partial Regex Flags();

    [GeneratedRegex(@"^\d+<(.*)>$")]
    private static partial Regex ResultPath();

    // A folder the path starts from, as -y shows it, and the path.
    [GeneratedRegex("""(?:(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"(?:\.\.\.)?""")]
    private static partial Regex PathArgument();
}
