using System.Globalization;

namespace Appliance.Benchmarks;

/// <summary>
/// Programs and smtp-sink, running beside each other and loaded one after the other in short turns, so that what else a shared machine does meets them alike.
/// Messages are signed, and the programs make all their checks (<see cref="MailAuthBench"/>).
/// </summary>
internal static class TurnsBench
{
    private const int WarmUp = 5_000;
    private const int SmallBytes = 100_000;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500); // so that the one before has put away what it took

    /// <param name="size">Bytes of a message's body.</param>
    /// <param name="sessions">At the same time.</param>
    /// <param name="rounds">Turns of each.</param>
    /// <param name="programs">Each the path of a native program, with <c>,NAME=VALUE</c> for what is different in its environment.</param>
    public static async Task RunAsync(int size, int sessions, int rounds, IReadOnlyList<string> programs)
    {
        var turn = new Row(size, sessions, size < SmallBytes ? 2_000 : 100);
        var measured = new List<(string Name, Bench Bench, List<(double Rate, double Cpu)> Turns)>();
        await using var zone = new MailAuthBench();
        var file = await zone.SignedFileAsync(size);
        try
        {
            await using var sink = await SmtpSink.StartAsync();
            foreach (var program in programs)
                measured.Add((program, await StartAsync(zone, program), []));
            foreach (var (_, bench, _) in measured)
                await Load.SendAsync(bench.Appliance.Mx, bench.Mailboxes, turn with { Messages = Math.Min(WarmUp, 4 * turn.Messages) }, file);
            var yardstick = new List<double>();
            for (var round = 0; round < rounds; round++)
            {
                yardstick.Add(await Load.SendAsync(sink.Address, measured[0].Bench.Mailboxes, turn, file));
                // Whoever comes after another may have it easier or harder.
                foreach (var (_, bench, turns) in round % 2 == 0 ? measured : Enumerable.Reverse(measured))
                {
                    await Task.Delay(Rest);
                    await using var usage = ProcessUsage.Watch(bench.Appliance.ProcessId);
                    var rate = await Load.SendAsync(bench.Appliance.Mx, bench.Mailboxes, turn, file);
                    turns.Add((rate, (await usage.StopAsync()).Cpu.TotalMilliseconds / turn.Messages));
                }
            }
            Console.WriteLine("| program | messages/s | of smtp-sink | CPU ms/message | peak RSS MB |");
            Console.WriteLine("|---|---:|---:|---:|---:|");
            foreach (var (name, bench, turns) in measured)
            {
                await using var usage = ProcessUsage.Watch(bench.Appliance.ProcessId);
                var rss = (await usage.StopAsync()).Rss;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {MeanRate(turns.Select(one => one.Rate)):F0} | {MeanRate(turns.Select(one => one.Rate)) / MeanRate(yardstick):F2} | {turns.Average(one => one.Cpu):F3} | {rss} |"));
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| smtp-sink | {MeanRate(yardstick):F0} | 1.00 | – | – |"));
        }
        finally
        {
            foreach (var (_, bench, _) in measured)
                await bench.DisposeAsync();
        }
    }

    private static async Task<Bench> StartAsync(MailAuthBench zone, string program)
    {
        var parts = program.Split(',');
        var bench = await zone.OpenAsync(isChecked: true, ["/usr/bin/env", .. parts[1..], parts[0]]);
        // Activating its members took memory.
        await bench.Appliance.StopAsync();
        await bench.Appliance.StartAsync();
        return bench;
    }

    /// <summary>Of turns of equally many messages: those of all over the time of all.</summary>
    private static double MeanRate(IEnumerable<double> rates) => 1 / rates.Average(rate => 1 / rate);
}
