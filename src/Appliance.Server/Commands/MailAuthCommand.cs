using System.Buffers;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Text.Json.Nodes;
using Appliance.Mail.Authentication;
using Appliance.Mail.Dns;
using Appliance.Mail.Headers;
using Appliance.Mail.Spf;

namespace Appliance.Server.Commands;

/// <summary><c>appliance mailauth</c>: what would be found of a sender or a message. It asks the DNS and needs neither service nor data.</summary>
internal static class MailAuthCommand
{
    public static Command Build() => new("mailauth", "Evaluate a sender or a message as arriving mail is.") { BuildSpf(), BuildVerify() };

    private static Command BuildSpf()
    {
        var (ip, helo, from, dns) = (Client(required: true), Helo(), From(), Dns());
        helo.Required = from.Required = true;
        var command = new Command("spf", "Print what SPF (RFC 7208) says, as JSON.") { ip, helo, from, dns };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var spf = new SpfChecker(Resolver(parsed.GetValue(dns)), TimeProvider.System);
            var (client, name) = (parsed.GetValue(ip)!, parsed.GetRequiredValue(helo));
            var sender = await spf.CheckSenderAsync(client, name, parsed.GetRequiredValue(from), cancellationToken);
            var greeting = await spf.CheckHeloAsync(client, name, cancellationToken);
            Print(new JsonObject
            {
                ["result"] = sender.Word,
                ["reason"] = sender.Reason,
                ["lookups"] = sender.Lookups,
                ["helo"] = new JsonObject { ["result"] = greeting.Word, ["reason"] = greeting.Reason },
            });
            return CommandLine.Done;
        });
        return command;
    }

    private static Command BuildVerify()
    {
        var (ip, helo, from, dns) = (Client(required: false), Helo(), From(), Dns());
        var command = new Command("verify", "Print what SPF, DKIM, ARC and DMARC say of the message on standard input, as JSON.") { ip, helo, from, dns };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var header = HeaderBlock.Read(new ReadOnlySequence<byte>(await ReadMessageAsync(cancellationToken)));
            if (header is null)
                throw new CommandFailedException($"The header of this message has more than {HeaderBlock.MostBytes} bytes or {HeaderBlock.MostFields} fields; that is refused, not checked.");
            var report = await new MailAuthenticator(Resolver(parsed.GetValue(dns)), TimeProvider.System).CheckAsync(
                parsed.GetValue(ip), parsed.GetValue(helo) ?? "", parsed.GetValue(from) ?? "", header, cancellationToken);
            var verdict = Verdicts.Of(report, new ArrivalDecision(ArrivalAction.Accept));
            Print(new JsonObject
            {
                ["spf"] = report.Spf is { } spf
                    ? new JsonObject { ["result"] = spf.Word, ["reason"] = spf.Reason, ["domain"] = spf.Domain }
                    : new JsonObject { ["result"] = "none", ["reason"] = "the client's address is not known (--ip)", ["domain"] = null },
                ["dkim"] = new JsonArray([.. report.Dkim.Select(one => new JsonObject
                {
                    ["result"] = one.Word,
                    ["reason"] = one.Reason,
                    ["domain"] = one.Domain,
                    ["selector"] = one.Selector,
                    ["algorithm"] = one.Algorithm,
                    ["aligned"] = one.Domain is { } domain && report.Dmarc.AlignedDkimDomains.Contains(domain),
                })]),
                ["arc"] = new JsonObject { ["result"] = report.Arc.Word, ["reason"] = report.Arc.Reason, ["sealers"] = Words(report.Arc.Hops.Select(hop => hop.Domain)) },
                ["dmarc"] = new JsonObject
                {
                    ["result"] = report.Dmarc.Word,
                    ["reason"] = report.Dmarc.Reason,
                    ["domain"] = report.Dmarc.PolicyDomain,
                    ["policy"] = verdict.Policy,
                    ["from"] = Words(report.Authors),
                },
                ["verdict"] = new JsonObject { ["result"] = verdict.Result, ["reason"] = verdict.Reason },
            });
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>A file with the line ends of this system is a message with those of mail (RFC 5322 §2.3).</summary>
    private static async Task<byte[]> ReadMessageAsync(CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(message, cancellationToken);
        var bytes = message.ToArray();
        if (bytes.AsSpan().IndexOf("\r\n"u8) >= 0)
            return bytes;
        message.SetLength(0);
        for (var rest = bytes.AsMemory(); !rest.IsEmpty;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            message.Write(rest.Span[..(end < 0 ? rest.Length : end)]);
            if (end >= 0)
                message.Write("\r\n"u8);
            rest = end < 0 ? default : rest[(end + 1)..];
        }
        return message.ToArray();
    }

    private static DnsResolver Resolver(IPEndPoint? server) => new(new DnsOptions { Servers = server is null ? [] : [server] }, TimeProvider.System);

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => JsonValue.Create(word))]);

    private static void Print(JsonObject result) => Console.WriteLine(result.ToJsonString());

    private static Option<IPAddress?> Client(bool required) => new("--ip") { Description = "The client's address.", Required = required, CustomParser = ParseAddress };

    private static Option<string> Helo() => new("--helo") { Description = "The name it gave in HELO or EHLO." };

    private static Option<string> From() => new("--from") { Description = "The address in MAIL FROM; empty for a bounce." };

    private static Option<IPEndPoint?> Dns() =>
        new("--dns") { Description = "HOST:PORT of the resolver to ask, instead of the system's.", CustomParser = ParseServer };

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
