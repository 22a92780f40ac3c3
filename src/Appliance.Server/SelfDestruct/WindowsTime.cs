using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Appliance.Server.SelfDestruct;

/// <summary>Asks Windows' time service (W32Time) whether it keeps the clock.</summary>
internal static partial class WindowsTime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    public static bool IsSynchronized()
    {
        try
        {
            using var w32tm = Process.Start(new ProcessStartInfo("w32tm", ["/query", "/status"]) { RedirectStandardOutput = true, CreateNoWindow = true })!;
            if (w32tm.WaitForExit(Deadline)) // a dozen lines, which the pipe holds until they are read
                return w32tm.ExitCode == 0 && SaysSynchronized(w32tm.StandardOutput.ReadToEnd());
            w32tm.Kill();
            return false;
        }
        catch (Win32Exception)
        {
            return false; // there is no such program: nobody vouches
        }
    }

    /// <summary>
    /// The words differ from language to language; the first two lines' numbers are the leap indicator (3: not synchronised) and the stratum (0: from nowhere,
    /// 1: from its own hardware clock), as NTP has them (RFC 5905 §7.3).
    /// </summary>
    internal static bool SaysSynchronized(string status) =>
        FirstLines().Match(status) is { Success: true } lines
        && lines.Groups["leap"].Value is "0" or "1" or "2"
        && int.TryParse(lines.Groups["stratum"].ValueSpan, out var stratum)
        && stratum is >= 2 and <= 15;

    [GeneratedRegex(@"\A\s*[^\r\n]*?[:：]\s*(?<leap>\d+)[^\r\n]*\r?\n[^\r\n]*?[:：]\s*(?<stratum>\d+)")]
    private static partial Regex FirstLines();
}
