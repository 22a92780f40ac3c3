using System.CommandLine;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Server.Admin;
using Appliance.Server.Storage;

namespace Appliance.Server.Commands;

/// <summary><c>appliance user invite ADDRESS</c> and <c>appliance user list</c>.</summary>
internal static class UserCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration) =>
        new("user", "Invite and list members.") { BuildInvite(configuration), BuildList(configuration) };

    private static Command BuildInvite(Lazy<IConfigurationRoot> configuration)
    {
        var address = new Argument<string>("ADDRESS") { Description = "The member's address, in a domain of this appliance." };
        var json = Json();
        var command = new Command("invite", "Print a one-time link that makes a member's account.") { address, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var invited = parsed.GetRequiredValue(address);
            var link = await Target.AskAsync<LinkResponse>(
                configuration.Value,
                HttpMethod.Post,
                "/control/invitations",
                new InvitationRequest(invited),
                (services, origin, cancellation) => services.GetRequiredService<LinkMaker>().InviteAsync(invited, origin, cancellation),
                cancellationToken);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(link, JsonSerializerOptions.Web)
                : $"{link.Link}\nGive it to {invited}; it works once, until {link.ExpiresAt:u}.");
            return CommandLine.Done;
        });
        return command;
    }

    private static Command BuildList(Lazy<IConfigurationRoot> configuration)
    {
        var json = Json();
        var command = new Command("list", "List members and invitations.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var users = await Target.AskAsync<IReadOnlyList<UserResponse>>(
                configuration.Value,
                HttpMethod.Get,
                "/control/users",
                body: null,
                (services, _, _) => Task.FromResult(new Outcome<IReadOnlyList<UserResponse>>(Users.List(services.GetRequiredService<IStore>()), null)),
                cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(users, JsonSerializerOptions.Web));
            else
                foreach (var user in users)
                    Console.WriteLine($"{user.Address,-40} {user.State}{(user.IsOperator ? ", operator" : "")} since {user.Since:yyyy-MM-dd}");
            return CommandLine.Done;
        });
        return command;
    }

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };
}
