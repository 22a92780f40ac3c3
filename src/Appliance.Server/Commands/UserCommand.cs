using System.CommandLine;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Server.Admin;

namespace Appliance.Server.Commands;

/// <summary><c>appliance user invite ADDRESS</c> and <c>appliance user list</c>.</summary>
internal static class UserCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration) =>
        new("user", "Invite and list members.")
        {
            BuildInvite(configuration),
            Listing.Build(
                configuration, "List members and invitations.", "/control/users", Users.List,
                user => $"{user.Address,-40} {user.State}{(user.IsOperator ? ", operator" : "")} since {user.Since:yyyy-MM-dd}"),
        };

    private static Command BuildInvite(Lazy<IConfigurationRoot> configuration)
    {
        var address = new Argument<string>("ADDRESS") { Description = "The member's address, in a domain of this appliance." };
        var json = Listing.Json();
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
}
