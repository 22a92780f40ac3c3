using System.CommandLine;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Server.Admin;
using Appliance.Server.Inbound.Traces;

namespace Appliance.Server.Commands;

/// <summary><c>appliance trace ADDRESS</c>: where is my mail?</summary>
internal static class TraceCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration)
    {
        var address = new Argument<string>("ADDRESS") { Description = "A sender's or a recipient's address. Only its hash is looked for; no address is kept." };
        var json = Listing.Json();
        var command = new Command("trace", "Say what happened to mail from and to an address within seven days.") { address, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new TraceRequest(parsed.GetRequiredValue(address));
            var found = await Target.AskAsync<IReadOnlyList<TraceResponse>>(
                configuration.Value, HttpMethod.Post, "/control/trace", request, (services, _, cancellation) => Traces.FindAsync(services.GetRequiredService<MailTraces>(), request, cancellation), cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(found, ContractsJson.Default.IReadOnlyListTraceResponse));
            else if (found.Count == 0)
                Console.WriteLine("Nothing from or to this address came here within seven days.");
            else
                foreach (var entry in found)
                    Console.WriteLine(Describe(entry));
            return CommandLine.Done;
        });
        return command;
    }

    private static string Describe(TraceResponse entry) =>
        $"{entry.At:u}  {entry.Role,-4}  {entry.Outcome,-8}  {entry.Reply}{(entry.Cause is null ? "" : $"  {entry.Cause}")}{(entry.Message is null ? "" : $"  id {entry.Message}")}";
}
