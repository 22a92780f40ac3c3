using System.CommandLine;
using Appliance.Contracts;
using Appliance.Server.Admin;

namespace Appliance.Server.Commands;

/// <summary><c>appliance setup --domain D --admin ADDRESS</c>: a one-time link that makes the operator's account.</summary>
internal static class SetupCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration)
    {
        var domain = new Option<string>("--domain") { Description = "The domain to receive mail for.", Required = true };
        var admin = new Option<string>("--admin") { Description = "The operator's address in it.", Required = true };
        var command = new Command("setup", "Print a one-time link that sets the appliance up.") { domain, admin };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new SetupRequest(parsed.GetRequiredValue(domain), parsed.GetRequiredValue(admin));
            var link = await Target.AskAsync<LinkResponse>(
                configuration.Value,
                HttpMethod.Post,
                "/control/setup",
                request,
                async (services, origin, cancellation) =>
                {
                    var made = await services.GetRequiredService<LinkMaker>().SetupAsync(request.Domain, request.Admin, origin, cancellation);
                    if (made.Value is { } value)
                        services.GetRequiredService<SetupLinkFile>().Write(value.Link);
                    return made;
                },
                cancellationToken);
            // Never into a journal: a link that is not shown on a terminal lies in its file.
            Console.WriteLine(Console.IsOutputRedirected ? "The link is in secrets/setup-link in the data folder." : link.Link);
            return CommandLine.Done;
        });
        return command;
    }
}
