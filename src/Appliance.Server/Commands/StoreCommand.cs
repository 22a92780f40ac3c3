using System.CommandLine;
using Appliance.Server.Hosting;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.Commands;

/// <summary><c>appliance store dump</c>: what the operator could see of the store, every page and blob of it, without the store's own encryption.</summary>
internal static class StoreCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration)
    {
        var output = new Option<string>("--output") { Description = "Where to write it; standard output when not given." };
        var dump = new Command("dump", "Write out all pages and blobs with the store's own encryption taken off.") { output };
        dump.SetAction(async (parsed, cancellationToken) =>
        {
            await using var file = parsed.GetValue(output) is { } path
                ? DataFolder.OpenPrivate(path, FileMode.Create)
                : Console.OpenStandardOutput();
            using var control = new ControlClient(Configuration.DataPath(configuration.Value));
            if (!await control.CopyAsync("/control/store/dump", file, cancellationToken))
            {
                await using var services = await Target.OpenAloneAsync(configuration.Value, cancellationToken);
                var store = services.GetRequiredService<StoreHost>().Store;
                await store.DumpAsync(file, store.BodyBlobs(), cancellationToken);
            }
            return CommandLine.Done;
        });
        return new Command("store", "Look into the store.") { dump };
    }
}
