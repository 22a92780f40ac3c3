using System.CommandLine;
using Appliance.Bridge.Commands;

namespace Appliance.Bridge;

/// <summary>
/// The command line of <c>appliance-bridge</c>, which runs on the member's computer and holds the keys there. Stable: people script it.
/// Secrets come on standard input or at a prompt and are not accepted as arguments, where other users of the computer could read them.
/// </summary>
public static class BridgeCommand
{
    public static async Task<int> InvokeAsync(IReadOnlyList<string> args, BridgeHost host)
    {
        var root = new RootCommand("Your private mail, opened on this computer.")
        {
            SharedOptions.State,
            ActivateCommand.Create(host),
            LoginCommand.Create(host),
            LogoutCommand.Create(host),
            ListCommand.Create(host),
            ReadCommand.Create(host),
            ExportCommand.Create(host),
            KeyCommand.Create(host),
        };
        var parsed = root.Parse(args);
        var text = new StreamWriter(host.Output, leaveOpen: true);
        await using (text)
        {
            var status = await parsed.InvokeAsync(
                new InvocationConfiguration { Output = text, Error = host.Error, EnableDefaultExceptionHandler = false });
            return parsed.Errors.Count > 0 ? ExitStatus.WrongUsage : status;
        }
    }
}
