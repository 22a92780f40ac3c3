using System.CommandLine;
using Appliance.Client.Api;
using Appliance.Client.Sessions;
using Appliance.Client.State;
using Appliance.Crypto.Formats;

namespace Appliance.Bridge.Commands;

/// <summary><c>login URL ADDRESS</c>: signs in with the password and stays unlocked until <c>logout</c>.</summary>
internal static class LoginCommand
{
    public static Command Create(BridgeHost host)
    {
        var url = new Argument<string>("URL") { Description = "The server, such as https://mail.example.org." };
        var address = new Argument<string>("ADDRESS") { Description = "Your address." };
        var fingerprint = SharedOptions.Fingerprint();
        var command = new Command("login", "Log in; asks for the password.") { url, address, fingerprint };
        command.SetAction((parsed, cancellation) => host.RunAsync(async () =>
        {
            if (!ServerOrigin.TryParse(parsed.GetRequiredValue(url), out var origin, out var problem))
                throw new UsageException(problem);
            var folder = SharedOptions.StateFolder(parsed);
            var previous = BridgeSession.PreviousOf(folder, origin, parsed.GetRequiredValue(address));
            var pin = SharedOptions.Pin(parsed, fingerprint) ?? previous?.CertificatePin;

            using var api = new ApplianceApi(origin, host.Connect(pin));
            var session = await LogInAsync(api, origin, parsed.GetRequiredValue(address), host.RequireSecret("Password"), pin, cancellation);
            folder.Save(session);
            if (previous is not null)
                await EndAsync(host, previous, cancellation);
            await host.WriteLinesAsync([$"Logged in as {session.Address}."]);
            return ExitStatus.Done;
        }));
        return command;
    }

    private static async Task<SavedSession> LogInAsync(
        ApplianceApi api, ServerOrigin origin, string address, string password, string? pin, CancellationToken cancellation)
    {
        try
        {
            var (account, master) = await SignIn.WithPasswordAsync(api, address, password, cancellation);
            using (master)
            {
                MemberAccount.Unlock(account, master); // better told now than at the first message
                var id = ObjectId.TryParse(account.AccountId, out var parsed) ? AccountId.From(parsed) : default;
                return await KeptSession.KeepAsync(api, origin, account.Address, id, master, pin, cancellation);
            }
        }
        catch (ApiException exception) when (exception.Code == ApiException.SignInFailed)
        {
            throw new BridgeException("The address or the password is wrong. Check both and try again.");
        }
    }

    /// <summary>The session that the new one replaces; when the server cannot be told, it ends by itself when idle.</summary>
    private static async Task EndAsync(BridgeHost host, SavedSession previous, CancellationToken cancellation)
    {
        try
        {
            using var api = BridgeSession.Connect(host, previous);
            await api.SignOutAsync(cancellation);
        }
        catch (ApiException)
        {
            // Mostly: it has ended already.
        }
    }
}
