using System.Globalization;
using Appliance.EndToEnd.Harness;

namespace Appliance.Benchmarks;

/// <summary>What one line of the table sends.</summary>
/// <param name="Size">Bytes of a message's body.</param>
internal sealed record Row(int Size, int Sessions, int Messages);

/// <summary>
/// An appliance with active members. The server is started anew for each row, so that its peak memory is that row's; some
/// messages go first, uncounted, so that compiled code is measured.
/// </summary>
internal sealed class Bench : IAsyncDisposable
{
    private const int WarmUp = 5_000;

    private readonly ApplianceProcess _appliance;
    private readonly IReadOnlyList<string> _mailboxes;

    private Bench(ApplianceProcess appliance, IReadOnlyList<string> mailboxes) => (_appliance, _mailboxes) = (appliance, mailboxes);

    public static async Task<Bench> OpenAsync(int mailboxes, Dictionary<string, string>? settings = null, IReadOnlyList<string>? program = null)
    {
        var appliance = await ApplianceProcess.StartAsync(new ApplianceSettings
        {
            Program = program,
            Values = new Dictionary<string, string>(settings ?? []) { ["SignIn:RequestsPerMinute"] = "1000" },
        });
        string[] addresses = [.. Enumerable.Range(0, mailboxes).Select(i => $"member{i}@bench.example")];
        (await appliance.CommandAsync("setup", "--domain", "bench.example", "--admin", addresses[0])).Succeeded();
        foreach (var address in addresses)
        {
            using var bridge = new BridgeProgram("a password for measuring");
            await bridge.ActivateAsync(address == addresses[0] ? appliance.SetupLink : await appliance.InviteAsync(address));
        }
        return new Bench(appliance, addresses);
    }

    public IReadOnlyList<string> Mailboxes => _mailboxes;

    public ApplianceProcess Appliance => _appliance;

    /// <summary>Messages a second, and milliseconds of CPU each.</summary>
    public async Task<(double Rate, double Cpu)> SendAsync(Row row, string file)
    {
        // The checks are many small methods: they are compiled to the end later than the rest.
        await Load.SendAsync(_appliance.Mx, _mailboxes, row with { Messages = 3 * WarmUp }, file);
        await using var usage = ProcessUsage.Watch(_appliance.ProcessId);
        var rate = await Load.SendAsync(_appliance.Mx, _mailboxes, row, file);
        return (rate, (await usage.StopAsync()).Cpu.TotalMilliseconds / row.Messages);
    }

    /// <summary>A line of the table.</summary>
    /// <param name="file">The message to send.</param>
    public async Task<string> MeasureAsync(Row row, string file)
    {
        await _appliance.StopAsync();
        await _appliance.StartAsync();
        var warmUp = WarmUpOf(row);
        await Load.SendAsync(_appliance.Mx, _mailboxes, warmUp, file);

        await using var usage = ProcessUsage.Watch(_appliance.ProcessId);
        var rate = await Load.SendAsync(_appliance.Mx, _mailboxes, row, file);
        var (cpu, rss, pss) = await usage.StopAsync();

        double yardstick;
        await using (var sink = await SmtpSink.StartAsync())
        {
            await Load.SendAsync(sink.Address, _mailboxes, warmUp, file);
            yardstick = await Load.SendAsync(sink.Address, _mailboxes, row, file);
        }
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Name(row.Size)} | {row.Sessions} | {rate:F0} | {yardstick:F0} | {rate / yardstick:F2} | {cpu.TotalMilliseconds / row.Messages:F2} | {rss} | {pss} |");
    }

    public ValueTask DisposeAsync() => _appliance.DisposeAsync();

    private static Row WarmUpOf(Row row) => row with { Messages = Math.Min(row.Messages, WarmUp) };

    private static string Name(int size) => size < 1_000_000 ? $"{size / 1_000} KB" : $"{size / 1_000_000} MB";
}
