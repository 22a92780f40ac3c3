using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Appliance.Client.Messages;

namespace Appliance.Bridge.Commands;

/// <summary><c>list</c>: every message, folder by folder, newest first.</summary>
internal static class ListCommand
{
    public static Command Create(BridgeHost host)
    {
        var json = SharedOptions.Json();
        var command = new Command("list", "List your messages.") { json };
        command.SetAction((parsed, cancellation) => host.RunAsync(async () =>
        {
            using var session = await BridgeSession.ResumeAsync(host, SharedOptions.StateFolder(parsed), cancellation);
            var entries = new List<ListEntry>();
            var status = ExitStatus.Done;
            await foreach (var message in new MailboxReader(session.Api, session.Member).ListAsync(cancellation))
            {
                using (message)
                    entries.Add(Entry(message));
                if (message.Problem is null)
                    continue;
                await host.WarnAsync($"{message.Response.MessageId} does not open. {message.Problem}");
                status = ExitStatus.Failed;
            }
            await host.WriteLinesAsync(
                parsed.GetValue(json) ? [JsonSerializer.Serialize(entries, BridgeJson.Plain.IReadOnlyListListEntry)] : entries.Select(Line));
            return status;
        }));
        return command;
    }

    private static ListEntry Entry(ListedMessage message)
    {
        var summary = message.Opened?.Summary;
        return new ListEntry(
            message.Response.MessageId,
            summary is null ? null : Printable.Addresses(summary.From),
            summary is null ? null : summary.Subject ?? "",
            summary?.DateUtc ?? message.Response.ArrivedAt,
            message.Response.Size,
            message.Folder);
    }

    private static string Line(ListEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.Id}  {entry.Date.UtcDateTime:yyyy-MM-dd HH:mm}  {entry.Folder,-7}  {Printable.Line(entry.From ?? "?")}  {Printable.Line(entry.Subject ?? "(does not open)")}");
}
