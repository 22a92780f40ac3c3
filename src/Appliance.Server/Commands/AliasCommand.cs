using System.CommandLine;
using Appliance.Contracts;
using Appliance.Server.Admin;

namespace Appliance.Server.Commands;

/// <summary><c>appliance alias add ALIAS TARGET…</c>, <c>alias remove ALIAS</c> and <c>alias list</c>.</summary>
internal static class AliasCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration) =>
        new("alias", "Addresses that lead to members' mailboxes.")
        {
            BuildAdd(configuration),
            BuildRemove(configuration),
            Listing.Build(configuration, "List aliases and where they lead.", "/control/aliases", Addressing.ListAliases, Describe),
        };

    private static Command BuildAdd(Lazy<IConfigurationRoot> configuration)
    {
        var alias = new Argument<string>("ALIAS") { Description = "An address that nobody has, such as info@example.org." };
        var targets = new Argument<string[]>("TARGET") { Description = "Members' addresses; each gets a copy.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("add", "Send an address's mail to members, in place of whoever got it before.") { alias, targets };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var set = await SetAsync(configuration.Value, new AliasRequest(parsed.GetRequiredValue(alias), parsed.GetRequiredValue(targets)), cancellationToken);
            Console.WriteLine(Describe(set));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command BuildRemove(Lazy<IConfigurationRoot> configuration)
    {
        var alias = new Argument<string>("ALIAS") { Description = "The address." };
        var command = new Command("remove", "Refuse an alias's mail from now on.") { alias };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var removed = await SetAsync(configuration.Value, new AliasRequest(parsed.GetRequiredValue(alias), []), cancellationToken);
            Console.WriteLine($"{removed.Address} is no alias any more.");
            return CommandLine.Done;
        });
        return command;
    }

    private static Task<AliasResponse> SetAsync(IConfigurationRoot configuration, AliasRequest request, CancellationToken cancellationToken) =>
        Target.AskAsync<AliasResponse>(
            configuration,
            HttpMethod.Post,
            "/control/aliases",
            request,
            (services, _, cancellation) => services.GetRequiredService<Addressing>().SetAliasAsync(request, cancellation),
            cancellationToken);

    private static string Describe(AliasResponse alias) => $"{alias.Address} → {string.Join(", ", alias.Targets)}";
}
