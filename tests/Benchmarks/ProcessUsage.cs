using System.Globalization;

namespace Appliance.Benchmarks;

/// <summary>
/// What a process used while it was watched, from /proc (proc(5)): processor time, peak resident memory since its start,
/// and the highest proportional set size that was seen, which counts pages shared with other processes in part.
/// </summary>
internal sealed class ProcessUsage : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly int _id;
    private readonly TimeSpan _before;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<long?> _peak;

    private ProcessUsage(int id)
    {
        _id = id;
        _before = Cpu();
        _peak = WatchAsync();
    }

    public static ProcessUsage Watch(int id) => new(id);

    /// <summary>Sizes in MB of 1,000,000 bytes; <c>–</c> where the system does not let us look.</summary>
    public async Task<(TimeSpan Cpu, string Rss, string Pss)> StopAsync()
    {
        var cpu = Cpu() - _before;
        await _stop.CancelAsync();
        return (cpu, Megabytes(Field("status", "VmHWM:")), Megabytes(await _peak));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _peak;
        _stop.Dispose();
    }

    private async Task<long?> WatchAsync()
    {
        var peak = Field("smaps_rollup", "Pss:");
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                peak = Field("smaps_rollup", "Pss:") is { } now && !(peak > now) ? now : peak;
        }
        catch (OperationCanceledException)
        {
            // Enough was seen.
        }
        return peak;
    }

    // Fields 14 and 15, utime and stime, in hundredths of a second; the name before them may hold spaces but ends with a bracket.
    public TimeSpan Cpu()
    {
        var stat = File.ReadAllText($"/proc/{_id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    private long? Field(string file, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{_id}/{file}").First(line => line.StartsWith(name, StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Megabytes(long? bytes) => bytes is { } value ? (value / 1_000_000).ToString(CultureInfo.InvariantCulture) : "–";
}
