using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Appliance.EndToEnd.Harness;

/// <summary>
/// One system call of a traced process. <paramref name="Began"/> and <paramref name="Ended"/> are lines of the record: a call begins after
/// all that stands before the one and is over before all that stands behind the other, since strace writes while the caller stands still.
/// </summary>
/// <param name="Thread">The number of the thread that made it.</param>
/// <param name="Result">What stands behind the equals sign; begins with a minus sign when the call failed.</param>
public sealed record SystemCall(int Thread, string Name, string Arguments, string Result, int Began, int Ended)
{
    public bool Succeeded => !Result.StartsWith('-');
}

/// <summary>The record of what a program and its children asked of the kernel.</summary>
public static partial class Strace
{
    private const string Interrupted = " <unfinished ...>";

    /// <summary>The beginning of a command line that runs the rest of it as our direct child and writes to <paramref name="record"/>.</summary>
    /// <param name="shown">How many bytes of a buffer are written down.</param>
    public static IReadOnlyList<string> To(string record, IEnumerable<string> calls, int shown, string strace = "strace") =>
    [
        strace, "-D", "-f", "--seccomp-bpf", "-y", "-s", shown.ToString(CultureInfo.InvariantCulture), "-e", "signal=none",
        "-e", "trace=" + string.Join(',', calls.Select(call => "?" + call)), "-o", record, "--",
    ];

    /// <summary>Whether the process that was traced, and so all of its record, has ended; strace ends a little after it.</summary>
    public static bool IsComplete(string record, int processId) =>
        ReadLines(record).Any(line => EndOfProcess().Match(line) is { Success: true } ended && Number(ended.Groups[1]) == processId);

    public static IReadOnlyList<SystemCall> Read(string record) => Parse(ReadLines(record));

    /// <summary>Lines as <c>strace -f -y -o</c> writes them: thread, call, arguments, result. In the order in which the calls ended.</summary>
    public static IReadOnlyList<SystemCall> Parse(IEnumerable<string> lines)
    {
        var calls = new List<SystemCall>();
        // A call during which another thread was heard comes in two lines.
        var unfinished = new Dictionary<int, (string Text, int Began)>();
        var number = -1;
        foreach (var line in lines)
        {
            number++;
            if (Line().Match(line) is not { Success: true } match)
                continue;
            var thread = Number(match.Groups[1]);
            var text = match.Groups[2].Value;
            var began = number;
            if (text.EndsWith(Interrupted, StringComparison.Ordinal))
            {
                unfinished[thread] = (text[..^Interrupted.Length], number);
                continue;
            }
            if (Resumed().Match(text) is { Success: true } resumed)
            {
                if (!unfinished.Remove(thread, out var beginning))
                    continue;
                (text, began) = (beginning.Text + resumed.Groups[1].Value, beginning.Began);
            }
            if (Call().Match(text) is { Success: true } call)
                calls.Add(new SystemCall(thread, call.Groups[1].Value, call.Groups[2].Value, call.Groups[3].Value, began, number));
        }
        return calls;
    }

    /// <summary>strace writes bytes beyond ASCII in octal or as a letter.</summary>
    public static string Unescape(string text)
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

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

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
    private static partial Regex EndOfProcess();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>(.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(\w+)\((.*)\) += (.*)$")]
    private static partial Regex Call();
}
