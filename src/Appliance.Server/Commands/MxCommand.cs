using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Server.Admin;

namespace Appliance.Server.Commands;

/// <summary><c>appliance mx status</c>: how the ports for mail are doing, in counts.</summary>
internal static class MxCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration)
    {
        var json = Listing.Json();
        var status = new Command("status", "Say what happened at the ports for mail since the service started.") { json };
        status.SetAction(async (parsed, cancellationToken) =>
        {
            var answer = await Target.AskAsync<MxStatusResponse>(
                configuration.Value,
                HttpMethod.Get,
                "/control/mx",
                body: null,
                (_, _, _) => Task.FromResult(new Outcome<MxStatusResponse>(null, "The service does not run, so nothing is counted. Start it, then ask again.")),
                cancellationToken);
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(answer, ContractsJson.Default.MxStatusResponse) : Describe(answer));
            return CommandLine.Done;
        });
        return new Command("mx", "Look at the ports for mail.") { status };
    }

    private static string Describe(MxStatusResponse status)
    {
        (string, string)[] lines =
        [
            ("since", status.Since.ToString("u", CultureInfo.InvariantCulture)),
            ("messages", Text(status.Messages)),
            ("sessions", $"{status.Sessions}, of them now {status.SessionsNow}"),
            ("connections refused", Text(status.RefusedConnections)),
            ("memory for messages", $"{ByteSize.Format(status.BudgetFreeBytes)} free"),
            .. status.Tls.Select(pair => ($"spoke {pair.Key}", Text(pair.Value))),
            ("TLS handshakes failed", Text(status.FailedHandshakes)),
            .. status.Refusals.Select(pair => ($"refused {pair.Key}", Text(pair.Value))),
        ];
        return string.Join(Environment.NewLine, lines.Select(line => $"{line.Item1,-24}{line.Item2}"));
    }

    private static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);
}
