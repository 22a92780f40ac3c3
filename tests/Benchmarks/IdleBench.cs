using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.Benchmarks;

/// <summary>What connections cost that do nothing: resident memory of the service before and after so many were greeted, and were greeted and have shaken hands.</summary>
internal static class IdleBench
{
    public static async Task RunAsync(int connections)
    {
        Console.WriteLine("| idle connections | MB before | MB with them | KB each |");
        Console.WriteLine("|---|---:|---:|---:|");
        foreach (var isTls in new[] { false, true })
        {
            await using var appliance = await ApplianceProcess.StartAsync(new ApplianceSettings
            {
                Values = new Dictionary<string, string> { ["Mx:MaxSessions"] = "5000", ["Mx:MaxSessionsPerAddress"] = "5000" },
            });
            // Code is compiled and pools are filled by the first ones.
            await HoldAsync(appliance, connections / 10, isTls, () => { });
            var before = Resident(appliance);
            long with = 0;
            await HoldAsync(appliance, connections, isTls, () => with = Resident(appliance));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {connections} {(isTls ? "after STARTTLS" : "in clear")} | {before / 1e6:F0} | {with / 1e6:F0} | {(with - before) / 1e3 / connections:F1} |"));
        }
    }

    private static async Task HoldAsync(ApplianceProcess appliance, int connections, bool isTls, Action look)
    {
        var held = new List<IAsyncDisposable>();
        for (var i = 0; i < connections; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(appliance.Mx);
            held.Add(client.GetStream());
            await SayAsync(client, null);
            if (!isTls)
                continue;
            await SayAsync(client, "EHLO client.example");
            await SayAsync(client, "STARTTLS");
            var tls = new SslStream(client.GetStream());
            held.Add(tls);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null });
        }
        look();
        held.Reverse();
        foreach (var one in held)
            await one.DisposeAsync();
    }

    /// <summary>Reads byte by byte, since what comes behind the last reply is the handshake's.</summary>
    private static async Task SayAsync(TcpClient client, string? line)
    {
        if (line is not null)
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        var reply = new StringBuilder();
        var one = new byte[1];
        while (await client.GetStream().ReadAsync(one) == 1)
        {
            reply.Append((char)one[0]);
            var text = reply.ToString();
            if (text.EndsWith('\n') && text.TrimEnd().Split('\n')[^1] is [_, _, _, ' ', ..])
                return;
        }
        throw new IOException("The server closed the line.");
    }

    public static long Resident(ApplianceProcess appliance) =>
        1024 * long.Parse(
            File.ReadLines($"/proc/{appliance.ProcessId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[1],
            CultureInfo.InvariantCulture);
}
