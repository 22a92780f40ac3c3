using System.CommandLine;
using System.Text.Json;
using Appliance.Client.Api;
using Appliance.Client.Sessions;

namespace Appliance.Bridge.Commands;

/// <summary><c>activate LINK</c>: makes the account's keys here, sets its password, logs in.</summary>
internal static class ActivateCommand
{
    public static Command Create(BridgeHost host)
    {
        var link = new Argument<string>("LINK") { Description = "The set-up or invitation link." };
        var domain = new Option<string?>("--domain") { Description = "The domain to host, when the link leaves it open." };
        var address = new Option<string?>("--address") { Description = "Your address, when the link leaves it open." };
        var fingerprint = SharedOptions.Fingerprint();
        var json = SharedOptions.Json();
        var command = new Command("activate", "Turn a set-up or invitation link into your account; asks for a new password.")
        {
            link, domain, address, fingerprint, json,
        };
        command.SetAction((parsed, cancellation) => host.RunAsync(async () =>
        {
            if (!ActivationLink.TryParse(parsed.GetRequiredValue(link), out var target, out var problem))
                throw new UsageException(problem);
            var pin = SharedOptions.Pin(parsed, fingerprint);
            var folder = SharedOptions.StateFolder(parsed);
            BridgeSession.PreviousOf(folder, target.Origin, address: null);

            using var api = new ApplianceApi(target.Origin, host.Connect(pin));
            var account = await Activation.CompleteAsync(
                api, target.Token, parsed.GetValue(domain), parsed.GetValue(address), ReadNewPassword(host), host.Time, cancellation);
            using (account.Master)
            {
                // The phrase is shown before anything else can fail: it exists nowhere else.
                await host.WriteLinesAsync(parsed.GetValue(json) ? [Json(account)] : Lines(account));
                folder.Save(await KeptSession.KeepAsync(api, target.Origin, account.Address, account.Account, account.Master, pin, cancellation));
            }
            return ExitStatus.Done;
        }));
        return command;
    }

    private static string ReadNewPassword(BridgeHost host)
    {
        var password = host.RequireSecret("New password");
        if (NewPassword.WhatIsWrongWith(password) is { } wrong)
            throw new UsageException(wrong);
        if (host.IsInteractive && host.RequireSecret("The same again") != password)
            throw new UsageException("The two passwords differ. Run the command again.");
        return password;
    }

    private static string Json(Activated account) =>
        JsonSerializer.Serialize(new ActivatedEntry(account.Address, account.Fingerprint, account.Phrase), BridgeJson.Plain.ActivatedEntry);

    private static string[] Lines(Activated account) =>
    [
        $"{account.Address} is yours.",
        $"Key fingerprint: {account.Fingerprint}",
        "",
        "Recovery phrase. Write it down now and keep it safe: without it and the password nobody can open your mail.",
        "",
        $"  {account.Phrase}",
    ];
}
