using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Mail.Dns;
using Appliance.Mail.Dnsbl;
using Appliance.Server.Inbound;
using Appliance.Server.Inbound.Filters;
using Appliance.Server.Inbound.Senders;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Commands;

/// <param name="Level"><c>ok</c>, <c>note</c> or <c>wrong</c>.</param>
/// <param name="Remedy">What to do; null when there is nothing to do.</param>
internal sealed record CheckFinding(string Level, string What, string? Remedy = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<CheckFinding>))]
internal sealed partial class CheckJson : JsonSerializerContext;

/// <summary><c>appliance check</c>: whether what the appliance relies on is there and does what it should. It looks at the configuration and the machine, and needs no running service.</summary>
internal static class CheckCommand
{
    private static readonly IPAddress AlwaysListed = IPAddress.Parse("127.0.0.2"); // RFC 5782 §5
    private static readonly string[] ClamdConfigurations = ["/etc/clamav/clamd.conf", "/etc/clamd.d/scan.conf", "/etc/clamd.conf", "/usr/local/etc/clamd.conf"];

    public static Command Build(Lazy<IConfigurationRoot> configuration)
    {
        var json = Listing.Json();
        var clamdConf = new Option<string>("--clamd-conf") { Description = "Where clamd's configuration is, when that is not its usual place." };
        var command = new Command("check", "Look whether what the appliance relies on is there and works. Exit status 1 when something is wrong.") { clamdConf, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var findings = await LookAsync(configuration.Value, parsed.GetValue(clamdConf), cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(findings, CheckJson.Default.IReadOnlyListCheckFinding));
            else
                foreach (var finding in findings)
                    Console.WriteLine($"{finding.Level,-6} {finding.What}{(finding.Remedy is null ? "" : $"{Environment.NewLine}       {finding.Remedy}")}");
            return findings.Any(finding => finding.Level == "wrong") ? CommandLine.Failed : CommandLine.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<CheckFinding>> LookAsync(IConfigurationRoot configuration, string? clamdConf, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddSingleton(TimeProvider.System).AddInbound().BuildServiceProvider();
        var findings = new List<CheckFinding>();
        try
        {
            findings.Add(HostName(services.GetRequiredService<IOptions<MxOptions>>().Value));
            findings.Add(Swap());
            await AskListsAsync(findings, services.GetRequiredService<IDnsResolver>(), services.GetRequiredService<IOptions<SenderOptions>>().Value, cancellationToken);
            await AskRspamdAsync(findings, services.GetRequiredService<IOptions<FilterOptions>>().Value, cancellationToken);
            await AskClamdAsync(findings, services.GetRequiredService<ClamdFilter>(), clamdConf, cancellationToken);
        }
        catch (OptionsValidationException wrong)
        {
            findings.AddRange(wrong.Failures.Select(failure => new CheckFinding("wrong", failure, "Correct it in appsettings.json in the data folder.")));
        }
        return findings;
    }

    private static CheckFinding HostName(MxOptions mx) => mx.EffectiveHostName.Contains('.', StringComparison.Ordinal)
        ? new CheckFinding("ok", $"Mail servers are greeted as {mx.EffectiveHostName}.")
        : new CheckFinding("note", $"Mail servers are greeted as {mx.EffectiveHostName}, which is no name in the DNS.", "Set Mx:HostName to the name that your MX record has, such as mail.example.org.");

    private static CheckFinding Swap()
    {
        const string table = "/proc/swaps";
        return !File.Exists(table) || File.ReadLines(table).Count() < 2
            ? new CheckFinding("ok", "No swap is in use, as far as the system says.")
            : new CheckFinding("note", "Swap is in use: mail that passes through memory may be written to it.", "Switch it off (swapoff -a, and its line in /etc/fstab), or encrypt it.");
    }

    private static async Task AskListsAsync(List<CheckFinding> findings, IDnsResolver dns, SenderOptions senders, CancellationToken cancellationToken)
    {
        var lists = new DnsListChecker(dns);
        foreach (var zone in senders.BlockZones.Concat(senders.AllowZones))
        {
            findings.Add(await lists.AskAsync(zone, AlwaysListed, cancellationToken) switch
            {
                ListWord.Listed => new CheckFinding("ok", $"The list {zone} answers."),
                ListWord.No => new CheckFinding("note", $"The list {zone} does not list its own test address, so it may be empty or no list.", "Look at its site, or take it out of Senders:BlockLists or Senders:AllowLists."),
                _ => new CheckFinding(
                    "note", $"The list {zone} does not answer as it should; what it says counts for nothing.", "Run a resolver on this machine (Dns:Servers), since public ones are often not answered, or take the list out."),
            });
        }
    }

    private static async Task AskRspamdAsync(List<CheckFinding> findings, FilterOptions filters, CancellationToken cancellationToken)
    {
        if (filters.Rspamd.Length == 0)
            return;
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(filters.TimeoutSeconds) };
        try
        {
            var said = await http.GetStringAsync(new Uri(new Uri(filters.Rspamd), "/ping"), cancellationToken);
            findings.Add(said.Trim() == "pong"
                ? new CheckFinding("ok", "rspamd answers.")
                : new CheckFinding("wrong", $"Something else than rspamd answers at {filters.Rspamd}.", "Set Filters:Rspamd to the address of rspamd's normal worker."));
        }
        catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            findings.Add(new CheckFinding("wrong", $"rspamd does not answer at {filters.Rspamd}: {failed.Message}", "Start it, or empty Filters:Rspamd."));
        }
        findings.Add(new CheckFinding(
            "note", "rspamd is given whole messages. It is another program: its log has addresses and subjects, and modules of its (history, Bayes, fuzzy hashes) keep more.",
            "Switch off what you do not need: logging { level = \"warning\" }, and the history_redis, fuzzy and statistic modules."));
    }

    private static async Task AskClamdAsync(List<CheckFinding> findings, ClamdFilter clamd, string? clamdConf, CancellationToken cancellationToken)
    {
        if (!clamd.IsOn)
            return;
        findings.Add(await clamd.VersionAsync(cancellationToken) is { } version
            ? new CheckFinding("ok", $"clamd answers: {version}.")
            : new CheckFinding("wrong", "clamd does not answer.", "Start it, or empty Filters:Clamd."));
        var path = clamdConf ?? Array.Find(ClamdConfigurations, File.Exists);
        if (path is null || !File.Exists(path))
        {
            findings.Add(new CheckFinding("note", "clamd is another program and writes what it looks at to its TemporaryDirectory; its configuration was not found here.", "Have that folder on a tmpfs. If clamd runs on this machine: appliance check --clamd-conf PATH"));
            return;
        }
        var folder = TemporaryDirectoryIn(await File.ReadAllLinesAsync(path, cancellationToken));
        findings.Add(IsInMemory(folder)
            ? new CheckFinding("ok", $"clamd writes what it looks at to {folder}, which is in memory.")
            : new CheckFinding("note", $"clamd is another program and writes what it looks at to {folder}, which is on a disk: mail in clear.", $"Put a tmpfs there, or set TemporaryDirectory in {path} to a folder on one, such as /dev/shm/clamav."));
    }

    private static string TemporaryDirectoryIn(string[] lines) =>
        lines.Select(line => line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .LastOrDefault(words => words is ["TemporaryDirectory", _]) is [_, var folder] ? folder : "/tmp";

    private static bool IsInMemory(string folder)
    {
        var holds = DriveInfo.GetDrives().Where(drive => (folder + "/").StartsWith(drive.Name.TrimEnd('/') + "/", StringComparison.Ordinal)).MaxBy(drive => drive.Name.Length);
        return holds is { IsReady: true, DriveFormat: "tmpfs" or "ramfs" };
    }
}
