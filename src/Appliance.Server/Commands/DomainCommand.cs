using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Mail.Smtp.Client;
using Appliance.Server.Admin;
using Appliance.Server.Domains;
using Appliance.Server.Inbound;

namespace Appliance.Server.Commands;

/// <summary><c>appliance domain add DOMAIN</c> and <c>appliance domain list</c>.</summary>
internal static class DomainCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Command Build(Lazy<IConfigurationRoot> configuration) =>
        new("domain", "Say which domains mail is received for.")
        {
            BuildAdd(configuration),
            Listing.Build(configuration, "List the domains of this appliance.", "/control/domains", Addressing.ListDomains, Describe),
        };

    private static Command BuildAdd(Lazy<IConfigurationRoot> configuration)
    {
        var domain = new Argument<string>("DOMAIN") { Description = "A domain of yours, such as example.org." };
        var aliasOf = new Option<string>("--alias-of") { Description = "The domain whose other name it is: ann@DOMAIN is then ann there." };
        var catchAll = new Option<string>("--catch-all") { Description = "The member's address that gets mail to addresses which nobody has." };
        var oldHost = new Option<string>("--old-host") { Description = "The mail server DOMAIN is moving away from, HOST or HOST:PORT: it gets mail to addresses which nobody has here yet, until this is set without it." };
        var json = Listing.Json();
        var command = new Command("add", "Receive mail for a domain, or change how: what is not said is off.") { domain, aliasOf, catchAll, oldHost, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new DomainRequest(parsed.GetRequiredValue(domain), parsed.GetValue(aliasOf), parsed.GetValue(catchAll), parsed.GetValue(oldHost));
            var added = await Target.AskAsync<DomainResponse>(
                configuration.Value,
                HttpMethod.Post,
                "/control/domains",
                request,
                (services, _, cancellation) => services.GetRequiredService<Addressing>().SetDomainAsync(request, cancellation),
                cancellationToken);
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(added, ContractsJson.Default.DomainResponse) : Describe(added));
            if (OldHost.TryParse(added.OldHost ?? "", out var host))
                await Console.Error.WriteLineAsync(await LookAtAsync(host, configuration.Value, cancellationToken));
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>Says whether mail can be passed on to it.</summary>
    private static async Task<string> LookAtAsync(OldHost host, IConfigurationRoot configuration, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            var clientName = (configuration.GetSection("Mx").Get<MxOptions>() ?? new MxOptions()).EffectiveHostName;
            await using var session = await SmtpClientSession.OpenAsync(host.EndPoint, clientName, deadline.Token);
            await session.QuitAsync(deadline.Token);
            return $"{host} answers as {session.ServerName}, {(session.IsOverTls ? "over TLS" : "in clear: it has no STARTTLS")}.";
        }
        catch (Exception gone) when (gone is IOException or SocketException || (gone is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{host} does not answer now: {(gone is OperationCanceledException ? "It takes too long" : gone.Message)}. Until it does, the senders of mail for whoever is not here yet are asked to try again.";
        }
    }

    private static string Describe(DomainResponse domain) =>
        domain.Domain + (domain.AliasOf is { } main ? $", another name of {main}" : "") + (domain.CatchAll is { } address ? $", what nobody has goes to {address}" : "")
        + (domain.OldHost is { } host ? $", what nobody has goes on to {host}" : "");
}
