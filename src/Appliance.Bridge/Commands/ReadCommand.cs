using System.CommandLine;
using Appliance.Client.Messages;
using Appliance.Crypto.Formats;

namespace Appliance.Bridge.Commands;

/// <summary><c>read ID</c>: one message to standard output, as delivered.</summary>
internal static class ReadCommand
{
    public static Command Create(BridgeHost host)
    {
        var id = new Argument<string>("ID") { Description = "The message's id, from list." };
        var command = new Command("read", "Print one message.") { id };
        command.SetAction((parsed, cancellation) => host.RunAsync(async () =>
        {
            if (!ObjectId.TryParse(parsed.GetRequiredValue(id), out var messageId))
                throw new UsageException("That is not a message id. Take one from: appliance-bridge list.");
            using var session = await BridgeSession.ResumeAsync(host, SharedOptions.StateFolder(parsed), cancellation);
            using var message = await new MailboxReader(session.Api, session.Member).OpenAsync(messageId.ToString(), cancellation);
            await message.WriteAsync(host.Output, cancellation);
            await host.Output.FlushAsync(cancellation);
            return ExitStatus.Done;
        }));
        return command;
    }
}
