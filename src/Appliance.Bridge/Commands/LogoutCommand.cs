using System.CommandLine;
using Appliance.Client.Api;

namespace Appliance.Bridge.Commands;

/// <summary><c>logout</c>: ends the session at the server and forgets what is kept here.</summary>
internal static class LogoutCommand
{
    public static Command Create(BridgeHost host)
    {
        var command = new Command("logout", "Log out and forget the account on this computer.");
        command.SetAction((parsed, cancellation) => host.RunAsync(async () =>
        {
            var folder = SharedOptions.StateFolder(parsed);
            if (folder.Load() is not { } saved)
                throw new BridgeException("Nobody is logged in.");
            folder.Clear(); // first: whatever happens next, this computer opens nothing any more
            try
            {
                using var api = BridgeSession.Connect(host, saved);
                await api.SignOutAsync(cancellation);
            }
            catch (ApiException exception) when (exception.Code == ApiException.SignedOut)
            {
                // It had ended already.
            }
            catch (ApiException exception)
            {
                throw new BridgeException($"This computer has forgotten the account, but the server could not be told: {exception.Message} Its session ends by itself when idle.");
            }
            await host.WriteLinesAsync(["Logged out."]);
            return ExitStatus.Done;
        }));
        return command;
    }
}
