using System.CommandLine;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Server.Admin;
using Appliance.Server.Storage;

namespace Appliance.Server.Commands;

/// <summary>Every command <c>list</c>: a line each, or JSON.</summary>
internal static class Listing
{
    /// <param name="path">Where a running service is asked.</param>
    /// <param name="read">The same out of the store, when none runs.</param>
    public static Command Build<T>(
        Lazy<IConfigurationRoot> configuration, string description, string path, Func<IStoreReader, IReadOnlyList<T>> read, Func<T, string> describe)
    {
        var json = Json();
        var command = new Command("list", description) { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var rows = await Target.AskAsync<IReadOnlyList<T>>(
                configuration.Value,
                HttpMethod.Get,
                path,
                body: null,
                (services, _, _) => Task.FromResult(new Outcome<IReadOnlyList<T>>(read(services.GetRequiredService<IStore>()), null)),
                cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(rows, ContractsJson.Default.GetTypeInfo(typeof(IReadOnlyList<T>))!));
            else
                foreach (var row in rows)
                    Console.WriteLine(describe(row));
            return CommandLine.Done;
        });
        return command;
    }

    public static Option<bool> Json() => new("--json") { Description = "Print JSON." };
}
