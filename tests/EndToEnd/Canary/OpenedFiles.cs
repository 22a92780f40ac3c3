using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

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
    private static readonly string[] Calls =
        ["open", "openat", "openat2", "creat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "truncate"];

    private static readonly string[] WritingFlags = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_TMPFILE"];

    /// <summary>The beginning of a command line that runs the rest of it as our direct child and writes to <paramref name="record"/>.</summary>
    public static IReadOnlyList<string> StraceTo(string record, string strace = "strace") =>
        [strace, "-D", "-f", "-y", "-s", "4096", "-e", "signal=none", "-e", "trace=" + string.Join(',', Calls.Select(call => "?" + call)), "-o", record, "--"];

    /// <summary>Whether the process that was traced, and so all of its record, has ended; strace ends a little after it.</summary>
    public static bool IsComplete(string record, int processId) =>
        ReadLines(record).Any(line => Ended().Match(line) is { Success: true } ended && int.Parse(ended.Groups[1].ValueSpan, CultureInfo.InvariantCulture) == processId);

    public static IReadOnlyList<OpenedFile> Read(string record) => Parse(ReadLines(record));

    /// <summary>Lines as <c>strace -f -y -o</c> writes them: process id, call, arguments, result.</summary>
    public static IReadOnlyList<OpenedFile> Parse(IEnumerable<string> lines)
    {
        var opened = new List<OpenedFile>();
        // A call during which another process was heard comes in two lines.
        var unfinished = new Dictionary<int, string>();
        foreach (var line in lines)
        {
            if (Line().Match(line) is not { Success: true } match)
                continue;
            var process = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var text = match.Groups[2].Value;
            if (text.EndsWith(" <unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[process] = text[..^" <unfinished ...>".Length];
                continue;
            }
            if (Resumed().Match(text) is { Success: true } resumed)
            {
                if (!unfinished.Remove(process, out var beginning))
                    continue;
                text = beginning + resumed.Groups[1].Value;
            }
            if (Call().Match(text) is { Success: true } call && !call.Groups[3].Value.StartsWith('-'))
                opened.AddRange(Of(process, call.Groups[1].Value, call.Groups[2].Value, call.Groups[3].Value));
        }
        return opened;
    }

    private static IEnumerable<OpenedFile> Of(int process, string call, string arguments, string result)
    {
        if (!Calls.Contains(call))
            yield break;
        if (call.StartsWith("open", StringComparison.Ordinal))
        {
            var flags = Flags().Match(arguments, arguments.LastIndexOf('"') + 1).Value.Split('|');
            if (!flags.Intersect(WritingFlags).Any())
                yield break;
        }
        // What the kernel opened, when strace says so; else what was asked for.
        if (ResultPath().Match(result) is { Success: true } path)
        {
            yield return new OpenedFile(process, call, Unescape(path.Groups[1].Value));
            yield break;
        }
        var paths = PathArgument().Matches(arguments);
        // The target of a symbolic link is only text.
        foreach (var argument in call.StartsWith("symlink", StringComparison.Ordinal) ? paths.Skip(1) : paths)
            yield return new OpenedFile(process, call, Path.Combine(Unescape(argument.Groups[1].Value), Unescape(argument.Groups[2].Value)));
    }

    /// <summary>strace writes bytes beyond ASCII in octal or as a letter.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                bytes.Add((byte)text[i]);
                continue;
            }
            var digits = 0;
            while (digits < 3 && i + 1 + digits < text.Length && text[i + 1 + digits] is >= '0' and <= '7')
                digits++;
            bytes.Add(digits > 0 ? Convert.ToByte(text.Substring(i + 1, digits), 8) : text[i + 1] switch
            {
                'n' => (byte)'\n', 't' => (byte)'\t', 'r' => (byte)'\r', 'f' => (byte)'\f', 'v' => (byte)'\v', var other => (byte)other,
            });
            i += Math.Max(digits, 1);
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static IEnumerable<string> ReadLines(string record)
    {
        using var stream = new FileStream(record, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    [GeneratedRegex(@"^(\d+) +(.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"^(\d+) +\+\+\+ (?:exited|killed)")]
    private static partial Regex Ended();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>(.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(\w+)\((.*)\) += (.*)$")]
    private static partial Regex Call();

    [GeneratedRegex(@"\bO_[A-Z_|0-9]+")]
    private static partial Regex Flags();

    [GeneratedRegex(@"^\d+<(.*)>$")]
    private static partial Regex ResultPath();

    // A folder the path starts from, as -y shows it, and the path.
    [GeneratedRegex("""(?:(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"(?:\.\.\.)?""")]
    private static partial Regex PathArgument();
}
