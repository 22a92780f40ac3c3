using System.CommandLine;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Server.Admin;
using Appliance.Server.Storage;

namespace Appliance.Server.Commands;

/// <summary><c>appliance user invite ADDRESS</c>, <c>user quota ADDRESS SIZE</c> and <c>user list</c>.</summary>
internal static class UserCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration) =>
        new("user", "Invite and list members, and say how much mail they may keep.")
        {
            BuildInvite(configuration),
            BuildQuota(configuration),
            Listing.Build(
                configuration, "List members and invitations.", "/control/users", Users.List,
                user => $"{user.Address,-40} {user.State}{(user.IsOperator ? ", operator" : "")} since {user.Since:yyyy-MM-dd}{(user.State == "active" ? ", " + Describe(user.UsedBytes, user.QuotaBytes) : "")}"),
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
                ? JsonSerializer.Serialize(link, ContractsJson.Default.LinkResponse)
                : $"{link.Link}\nGive it to {invited}; it works once, until {link.ExpiresAt:u}.");
            return CommandLine.Done;
        });
        return command;
    }

    private static Command BuildQuota(Lazy<IConfigurationRoot> configuration)
    {
        var address = new Argument<string>("ADDRESS") { Description = "The member's address." };
        var size = new Argument<string>("SIZE") { Description = "Such as 500M or 5G (powers of 1,024), \"none\" for any number, or \"default\" for what Mailboxes:QuotaBytes gives everybody." };
        size.Validators.Add(argument =>
        {
            if (argument.GetValue(size) is { } text && text is not ("none" or "default") && ByteSize.Parse(text) is not > 0)
                argument.AddError($"{text} is no size; write it like 500M or 5G, or say none or default.");
        });
        var command = new Command("quota", "Say how many bytes of mail a member may keep. Over it senders are asked to try again later.") { address, size };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(size);
            var request = new QuotaRequest(parsed.GetRequiredValue(address), text == "default" ? null : text == "none" ? 0 : ByteSize.Parse(text));
            var set = await Target.AskAsync<QuotaResponse>(
                configuration.Value,
                HttpMethod.Post,
                "/control/quotas",
                request,
                (services, _, cancellation) => Quotas.SetAsync(services.GetRequiredService<IStore>(), request, cancellation),
                cancellationToken);
            Console.WriteLine($"{set.Address} {Describe(set.UsedBytes, set.QuotaBytes)}");
            return CommandLine.Done;
        });
        return command;
    }

    private static string Describe(long used, long? quota) =>
        $"has {ByteSize.Format(used)}" + quota switch { null => "", 0 => ", and no quota", { } most => $" of {ByteSize.Format(most)}" };
}
