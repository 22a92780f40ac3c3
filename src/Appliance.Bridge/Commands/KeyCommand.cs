using System.CommandLine;
using Appliance.Crypto.Keys;

namespace Appliance.Bridge.Commands;

/// <summary><c>key export</c>: the address keys for another OpenPGP program, locked by a passphrase of the member's.</summary>
internal static class KeyCommand
{
    public static Command Create(BridgeHost host)
    {
        var export = new Command("export", "Print your private address keys, armored; asks for a passphrase to lock them with.");
        export.SetAction((parsed, cancellation) => host.RunAsync(async () =>
        {
            using var session = await BridgeSession.ResumeAsync(host, SharedOptions.StateFolder(parsed), cancellation);
            var passphrase = host.RequireSecret("Passphrase for the exported key");
            if (host.IsInteractive && host.RequireSecret("The same again") != passphrase)
                throw new UsageException("The two passphrases differ. Run the command again.");
            await host.WriteLinesAsync(session.Member.ExportAddressKeys(passphrase).Select(key => Armor.Encode(key).TrimEnd()));
            return ExitStatus.Done;
        }));
        return new Command("key", "Your keys.") { export };
    }
}
