using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Text.Json;
using Appliance.Mail.Dns;
using Appliance.Mail.Spf;

namespace Appliance.Server.Commands;

/// <summary><c>appliance mailauth spf</c>: what would be found of a sender. It asks the DNS and needs neither service nor data.</summary>
internal static class MailAuthCommand
{
    public static Command Build() => new("mailauth", "Evaluate a sender as arriving mail is.") { BuildSpf() };

    private static Command BuildSpf()
    {
        var ip = new Option<IPAddress>("--ip") { Description = "The client's address.", Required = true, CustomParser = ParseAddress };
        var helo = new Option<string>("--helo") { Description = "The name it gave in HELO or EHLO.", Required = true };
        var from = new Option<string>("--from") { Description = "The address in MAIL FROM; empty for a bounce.", Required = true };
        var dns = new Option<IPEndPoint?>("--dns") { Description = "HOST:PORT of the resolver to ask, instead of the system's.", CustomParser = ParseServer };
        var command = new Command("spf", "Print what SPF (RFC 7208) says, as JSON.") { ip, helo, from, dns };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var resolver = new DnsResolver(new DnsOptions { Servers = parsed.GetValue(dns) is { } server ? [server] : [] }, TimeProvider.System);
            var spf = new SpfChecker(resolver, TimeProvider.System);
            var (client, name) = (parsed.GetRequiredValue(ip), parsed.GetRequiredValue(helo));
            var sender = await spf.CheckSenderAsync(client, name, parsed.GetRequiredValue(from), cancellationToken);
            var greeting = await spf.CheckHeloAsync(client, name, cancellationToken);
            Console.WriteLine(JsonSerializer.Serialize(
                new { result = sender.Word, sender.Reason, sender.Lookups, helo = new { result = greeting.Word, greeting.Reason } }, JsonSerializerOptions.Web));
            return CommandLine.Done;
        });
        return command;
    }

    private static IPAddress? ParseAddress(ArgumentResult argument)
    {
        if (IPAddress.TryParse(argument.Tokens[0].Value, out var address))
            return address;
        argument.AddError($"\"{argument.Tokens[0].Value}\" is no IP address.");
        return null;
    }

    private static IPEndPoint? ParseServer(ArgumentResult argument)
    {
        if (IPEndPoint.TryParse(argument.Tokens[0].Value, out var server) && server.Port != 0)
            return server;
        argument.AddError($"\"{argument.Tokens[0].Value}\" is not HOST:PORT with an IP address, such as 127.0.0.1:53.");
        return null;
    }
}
