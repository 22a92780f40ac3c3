using System.Globalization;
using System.Net;
using Appliance.EndToEnd.Harness;

namespace Appliance.Benchmarks;

/// <summary>
/// The appliance with all its checks, and others beside it, one after the other in one run: smtp-sink, which keeps nothing; Postfix, which keeps mail as it is; Dovecot's LMTP,
/// which seals it with mail_crypt and checks nothing; and the two that speak STARTTLS over it. The message carries one DKIM signature, and its zone has SPF, DKIM and DMARC.
/// </summary>
internal static class PeersBench
{
    private const int WarmUp = 5_000;

    public static async Task RunAsync(IReadOnlyList<Row> rows)
    {
        await using var zone = new MailAuthBench();
        Console.WriteLine("| size | sessions | | messages/s | of smtp-sink | CPU ms/message |");
        Console.WriteLine("|---:|---:|---|---:|---:|---:|");
        foreach (var row in rows)
        {
            var file = await zone.SignedFileAsync(row.Size);
            double yardstick;
            await using (var sink = await SmtpSink.StartAsync())
                yardstick = (await MeasureAsync(sink.Address, Mailboxes(10), row, file, isLmtp: false, cpu: null)).Rate;
            Write(row, "smtp-sink", yardstick, yardstick, null);
            await using (var bench = await zone.OpenAsync(isChecked: true))
            {
                await using var usage = ProcessUsage.Watch(bench.Appliance.ProcessId);
                var (rate, cpu) = await MeasureAsync(bench.Appliance.Mx, bench.Mailboxes, row, file, isLmtp: false, usage.Cpu);
                Write(row, "the appliance", rate, yardstick, cpu);
                (rate, cpu) = await MeasureOverTlsAsync(bench.Appliance.Mx, bench.Mailboxes, row, file, usage.Cpu);
                Write(row, "the appliance, STARTTLS", rate, null, cpu);
            }
            foreach (var (script, name, isLmtp) in new[] { ("postfix.sh", "Postfix", false), ("dovecot.sh", "Dovecot LMTP, mail_crypt", true) })
            {
                if (Programs.Find(script[..^3]) is null)
                    continue;
                await using var peer = await PeerServer.StartAsync(script);
                var (rate, cpu) = await MeasureAsync(peer.Address, Mailboxes(10), row, file, isLmtp, peer.Cpu);
                Write(row, name, rate, yardstick, cpu);
                if (isLmtp)
                    continue;
                (rate, cpu) = await MeasureOverTlsAsync(peer.Address, Mailboxes(10), row, file, peer.Cpu);
                Write(row, name + ", STARTTLS", rate, null, cpu);
            }
        }
    }

    private static async Task<(double Rate, double? Cpu)> MeasureAsync(IPEndPoint to, IReadOnlyList<string> mailboxes, Row row, string file, bool isLmtp, Func<TimeSpan>? cpu)
    {
        await Load.SendAsync(to, mailboxes, row with { Messages = Math.Min(row.Messages, WarmUp) }, file, isLmtp);
        var before = cpu?.Invoke();
        var rate = await Load.SendAsync(to, mailboxes, row, file, isLmtp);
        return (rate, (cpu?.Invoke() - before)?.TotalMilliseconds / row.Messages);
    }

    private static async Task<(double Rate, double? Cpu)> MeasureOverTlsAsync(IPEndPoint to, IReadOnlyList<string> mailboxes, Row row, string file, Func<TimeSpan> cpu)
    {
        await Load.SendOverTlsAsync(to, mailboxes, row with { Messages = row.Messages / 5 }, file);
        var before = cpu();
        var rate = await Load.SendOverTlsAsync(to, mailboxes, row, file);
        return (rate, (cpu() - before).TotalMilliseconds / row.Messages);
    }

    private static IReadOnlyList<string> Mailboxes(int count) => [.. Enumerable.Range(0, count).Select(i => $"member{i}@bench.example")];

    private static void Write(Row row, string name, double rate, double? yardstick, double? cpu) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {row.Size / 1000} KB | {row.Sessions} | {name} | {rate:F0} | {Figure(rate / yardstick)} | {Figure(cpu)} |"));

    private static string Figure(double? figure) => figure?.ToString("F2", CultureInfo.InvariantCulture) ?? "–";
}
