using System.Diagnostics;
using System.Globalization;

namespace Appliance.Benchmarks;

/// <summary>A tenth of what the service can take, for hours: resident memory of each minute, on average, and how much it grew after the tenth.</summary>
internal static class SoakBench
{
    private const int Settled = 10; // minutes
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(double hours)
    {
        await using var zone = new MailAuthBench();
        await using var bench = await zone.OpenAsync(isChecked: true);
        var row = new Row(10_000, Sessions: 10, Messages: 5_000);
        var file = await zone.SignedFileAsync(row.Size);
        await Load.SendAsync(bench.Appliance.Mx, bench.Mailboxes, row, file);
        var full = await Load.SendAsync(bench.Appliance.Mx, bench.Mailboxes, row, file);
        var each = row with { Messages = (int)(full * Beat.TotalSeconds / 10) / bench.Mailboxes.Count * bench.Mailboxes.Count };
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{full:F0} messages/s at full load; {each.Messages / Beat.TotalSeconds:F0} from here on"));
        Console.WriteLine("| minute | messages | resident MB |");
        Console.WriteLine("|---:|---:|---:|");
        var (began, sent, minute) = (Stopwatch.GetTimestamp(), 0L, 0);
        var looked = new List<double>();
        double? settled = null;
        using var timer = new PeriodicTimer(Beat);
        while (Stopwatch.GetElapsedTime(began).TotalHours < hours && await timer.WaitForNextTickAsync())
        {
            await Load.SendAsync(bench.Appliance.Mx, bench.Mailboxes, each, file);
            sent += each.Messages;
            looked.Add(IdleBench.Resident(bench.Appliance));
            if (Stopwatch.GetElapsedTime(began).TotalMinutes < minute + 1)
                continue;
            minute++;
            var resident = looked.Average();
            looked.Clear();
            settled ??= minute == Settled ? resident : null;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {minute} | {sent} | {resident / 1e6:F1}{(settled is { } then ? $" ({resident / then - 1:+0.0 %;-0.0 %})" : "")} |"));
        }
    }
}
