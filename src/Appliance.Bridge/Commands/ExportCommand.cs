using System.CommandLine;
using System.Security.Cryptography;
using Appliance.Client.Api;
using Appliance.Client.Messages;
using Appliance.Client.Opening;
using Appliance.Crypto.Formats;

namespace Appliance.Bridge.Commands;

/// <summary>
/// <c>export DIR</c>: every message as a file. Files that are there are left alone, so an interrupted export goes on where it was;
/// a message that does not open is reported and the rest goes on.
/// </summary>
internal static class ExportCommand
{
    public static Command Create(BridgeHost host)
    {
        var folder = new Argument<string>("DIR") { Description = "Folder to write to; made when it is not there." };
        var asReceived = new Option<bool>("--as-received") { Description = "Exactly the bytes that came, without our trace fields." };
        var asSealed = new Option<bool>("--sealed") { Description = "The encrypted parts, each an OpenPGP message; gpg --decrypt reads them." };
        var command = new Command("export", "Write every message to a folder.") { folder, asReceived, asSealed };
        command.Validators.Add(result =>
        {
            if (result.GetValue(asReceived) && result.GetValue(asSealed))
                result.AddError("Choose one of --as-received and --sealed.");
        });
        command.SetAction((parsed, cancellation) => host.RunAsync(async () =>
        {
            using var session = await BridgeSession.ResumeAsync(host, SharedOptions.StateFolder(parsed), cancellation);
            var target = ExportFolder.Open(parsed.GetRequiredValue(folder));
            var status = ExitStatus.Done;
            await foreach (var message in new MailboxReader(session.Api, session.Member).ListAsync(cancellation))
            {
                using (message)
                {
                    var problem = parsed.GetValue(asSealed) ? await TryAsync(() => WriteSealedAsync(target, message, cancellation))
                        : await TryAsync(() => WriteAsync(target, message, parsed.GetValue(asReceived), cancellation));
                    if (problem is null)
                        continue;
                    await host.WarnAsync($"{message.Response.MessageId} was not exported. {problem}");
                    status = ExitStatus.Failed;
                }
            }
            return status;
        }));
        return command;
    }

    private static Task WriteAsync(ExportFolder target, ListedMessage message, bool asReceived, CancellationToken cancellation)
    {
        var opened = message.Opened ?? throw new SealBrokenException(message.Problem!);
        return target.WriteAsync(
            $"{FileId(message)}.eml",
            file => asReceived ? opened.WriteAsReceivedAsync(file, cancellation) : opened.WriteAsync(file, cancellation));
    }

    private static async Task WriteSealedAsync(ExportFolder target, ListedMessage message, CancellationToken cancellation)
    {
        var opened = message.Opened ?? throw new SealBrokenException(message.Problem!);
        var id = FileId(message);
        await target.WriteAsync($"{id}.summary.pgp", file => WritePartAsync(file, opened.Response.Summary));
        foreach (var entry in opened.Summary.Manifest)
            await target.WriteAsync($"{id}.{entry.Index}.pgp", async file => await WritePartAsync(file, await opened.FetchSealedAsync(entry, cancellation)));

        async Task WritePartAsync(Stream file, byte[] part)
        {
            await file.WriteAsync(opened.BodyKeyPacket, cancellation);
            await file.WriteAsync(part, cancellation);
        }
    }

    /// <summary>The id comes from the server and becomes a file name, so it has to be one.</summary>
    private static string FileId(ListedMessage message) => ObjectId.TryParse(message.Response.MessageId, out var id)
        ? id.ToString()
        : throw new FormatException("Its id is malformed. Check that both programs are up to date.");

    /// <summary>What kept one message from being written. Anything that would keep the next one too is thrown on.</summary>
    private static async Task<string?> TryAsync(Func<Task> write)
    {
        try
        {
            await write();
            return null;
        }
        catch (Exception exception) when (exception is SealBrokenException or FormatException or CryptographicException
            || exception is ApiException { Code: ApiException.NotFound or ApiException.TimedOut or ApiException.BadAnswer })
        {
            return exception.Message;
        }
    }
}
