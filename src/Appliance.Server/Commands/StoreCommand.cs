using System.CommandLine;
using System.Text.Json;
using Appliance.Contracts;
using Appliance.Server.Hosting;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Upkeep;

namespace Appliance.Server.Commands;

/// <summary><c>appliance store verify | dump | compact | rekey</c>: whether the store is whole, all the operator could see of it, and new files for it.</summary>
internal static class StoreCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration) =>
        new("store", "Check the store and look into it.") 
        {
            BuildVerify(configuration),
            BuildDump(configuration),
            BuildRewrite(
                configuration,
                "compact",
                "Copy the store into new files without free space, while the service runs or not.",
                (rewriter, cancellationToken) => rewriter.CompactAsync(cancellationToken)),
            BuildRewrite(
                configuration,
                "rekey",
                "Copy the store into new files under a new store key, while the service runs or not.",
                (rewriter, cancellationToken) => rewriter.RekeyAsync(cancellationToken)),
        };

    private static Command BuildVerify(Lazy<IConfigurationRoot> configuration)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("verify", "Check every page, row, index and blob, while the service runs or not.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var control = new ControlClient(Configuration.DataPath(configuration.Value));
            var report = await control.WaitAsync<StoreVerifyResponse>(HttpMethod.Post, "/control/store/verify", body: null, cancellationToken)
                ?? await VerifyAloneAsync(configuration.Value, cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(report, ContractsJson.Default.StoreVerifyResponse));
            else
                Print(report);
            return report.Findings.Count == 0 ? CommandLine.Done : CommandLine.Failed;
        });
        return command;
    }

    private static Command BuildDump(Lazy<IConfigurationRoot> configuration)
    {
        var output = new Option<string>("--output") { Description = "Where to write it; standard output when not given." };
        var command = new Command("dump", "Write out all pages and blobs with the store's own encryption taken off.") { output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var file = parsed.GetValue(output) is { } path
                ? DataFolder.OpenPrivate(path, FileMode.Create)
                : Console.OpenStandardOutput();
            using var control = new ControlClient(Configuration.DataPath(configuration.Value));
            if (!await control.CopyAsync("/control/store/dump", file, cancellationToken))
                await DumpAloneAsync(configuration.Value, file, cancellationToken);
            return CommandLine.Done;
        });
        return command;
    }

    private static Command BuildRewrite(
        Lazy<IConfigurationRoot> configuration, string name, string description, Func<StoreRewriter, CancellationToken, Task<StoreRewriteResponse>> rewrite)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(name, description) { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var control = new ControlClient(Configuration.DataPath(configuration.Value));
            var done = await control.WaitAsync<StoreRewriteResponse>(HttpMethod.Post, "/control/store/" + name, body: null, cancellationToken);
            if (done is null)
            {
                await using var services = await Target.OpenAloneAsync(configuration.Value, cancellationToken);
                done = await rewrite(services.GetRequiredService<StoreRewriter>(), cancellationToken);
            }
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(done, ContractsJson.Default.StoreRewriteResponse)
                : $"The store's page files had {done.BytesBefore} bytes and have {done.BytesAfter}.");
            return CommandLine.Done;
        });
        return command;
    }

    private static async Task<StoreVerifyResponse> VerifyAloneAsync(IConfigurationRoot configuration, CancellationToken cancellationToken)
    {
        await using var services = await Target.OpenAloneAsync(configuration, cancellationToken);
        return await services.GetRequiredService<StoreVerifier>().RunAsync(cancellationToken);
    }

    private static async Task DumpAloneAsync(IConfigurationRoot configuration, Stream output, CancellationToken cancellationToken)
    {
        try
        {
            await using var services = await Target.OpenAloneAsync(configuration, cancellationToken);
            var host = services.GetRequiredService<StoreHost>();
            var summary = await host.Store.DumpAsync(output, host.Collections, cancellationToken);
            if (!summary.IsWhole)
                await Console.Error.WriteLineAsync(
                    $"Left out as damaged: {summary.DamagedPages} of {summary.Pages} pages, {summary.DamagedValues} of {summary.Values} large rows, {summary.DamagedBlobs} of {summary.Blobs} blobs.");
        }
        catch (StoreDamagedException damage)
        {
            var options = new StoreOptions { Path = Configuration.DataPath(configuration) };
            var summary = await StoreDump.WritePagesAsync(options, output, cancellationToken);
            await Console.Error.WriteLineAsync(
                $"{damage.Message}\nWritten all the same: {summary.Pages - summary.DamagedPages} of {summary.Pages} pages. Large rows stay in store/values and blobs in blobs/; their keys are in the pages.");
        }
    }

    private static void Print(StoreVerifyResponse report)
    {
        Console.WriteLine($"{report.Pages} pages, {report.Blobs} blobs of {report.BlobBytes} bytes");
        foreach (var (collection, rows) in report.Rows)
            Console.WriteLine($"{collection,-20} {rows,12} rows");
        foreach (var finding in report.Findings)
            Console.WriteLine($"\n{finding.Where} {finding.Problem}.\n  {finding.Remedy}");
        if (report.FindingsLeftOut > 0)
            Console.WriteLine($"\n… and {report.FindingsLeftOut} more.");
        Console.WriteLine(report.Findings.Count == 0 ? "The store is whole." : $"\n{report.Findings.Count + report.FindingsLeftOut} findings.");
    }
}
