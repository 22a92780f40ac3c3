using System.Diagnostics;
using System.Globalization;
using System.Net;
using Appliance.EndToEnd.Harness;

namespace Appliance.Benchmarks;

/// <summary>A mail server of others, started by a script of <c>peers</c> in a folder of its own. It must be started by root.</summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-peer-").FullName;
    private readonly Process _process;

    private PeerServer(string script) =>
        _process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "peers", script), [_folder, $"{Address.Port}"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;

    public IPEndPoint Address { get; } = Loopback.FreePort();

    public static async Task<PeerServer> StartAsync(string script)
    {
        var server = new PeerServer(script);
        await Until.TrueAsync(() => Loopback.Answers(server.Address), TimeSpan.FromSeconds(20), () => $"{script} does not listen.");
        return server;
    }

    /// <summary>Processor time of it and of all it started, those that have ended included.</summary>
    public TimeSpan Cpu()
    {
        var all = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _)).Select(StatOf).OfType<string[]>().ToList();
        var family = new HashSet<string> { $"{_process.Id}" };
        for (var before = 0; before != family.Count;)
        {
            before = family.Count;
            family.UnionWith(all.Where(stat => family.Contains(stat[1])).Select(stat => stat[^1]));
        }
        // proc(5): utime, stime, and those of children that were waited for; in hundredths of a second.
        return TimeSpan.FromMilliseconds(10 * all.Where(stat => family.Contains(stat[^1])).Sum(stat => stat[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture))));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        // What it started may still be delivering for a moment.
        await Until.TrueAsync(IsGone, TimeSpan.FromSeconds(20), () => $"{_folder} cannot be deleted.");
    }

    private bool IsGone()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The fields behind the name, and at the end the process's number.</summary>
    private static string[]? StatOf(string? id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return [.. stat[(stat.LastIndexOf(')') + 2)..].Split(' '), id!];
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }
}
