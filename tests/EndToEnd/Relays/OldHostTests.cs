using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Relays;

/// <summary>A domain moves here member by member; a real Postfix still has the others.</summary>
public sealed class OldHostTests
{
    private const string HostName = "mx.home.example";
    private const string Carol = "carol@" + Household.Domain;
    private const string Dora = "dora@" + Household.Domain;
    private const string Header = "From: friend@example.net\r\nDate: Fri, 27 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@example.net>\r\n";
    private const string Dots = ".\r\n..\r\n.begins with a dot\r\nends with one.";

    [Fact]
    public async Task Who_has_not_moved_yet_gets_mail_where_it_was()
    {
        await using var household = await Household.MoveInAsync(new ApplianceSettings { Values = new Dictionary<string, string> { ["Mx:HostName"] = HostName } });
        await using var old = await PostfixServer.StartWithMailboxesAsync(Household.Domain, Carol, Dora);
        var added = (await household.Appliance.CommandAsync("domain", "add", Household.Domain, "--old-host", old.Address.ToString())).Succeeded();
        Assert.Equal($"{Household.Domain}, what nobody has goes on to {old.Address}", added.Text.Trim());
        Assert.Contains($"{old.Address} answers as relay.example, over TLS.", added.Errors, StringComparison.Ordinal);

        Assert.Equal("250 2.0.0 Sealed and kept", await SendAsync(household, "moved", Household.BenAddress));
        Assert.StartsWith("250 2.0.0 Ok: queued as ", await SendAsync(household, "not yet", Carol, Dora), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1 ", await SendAsync(household, "nobody", "nobody@" + Household.Domain), StringComparison.Ordinal);
        Assert.StartsWith("452 4.5.3 ", await SendAsync(household, "one answer for both", Household.BenAddress, Carol), StringComparison.Ordinal);
        Assert.StartsWith("452 4.5.3 ", await SendAsync(household, "one answer for both", Carol, Household.BenAddress), StringComparison.Ordinal);
        Assert.Equal("250 2.0.0 Sealed and kept", await SendAsync(household, "to the operator", "postmaster@" + Household.Domain));
        foreach (var address in (string[])[Carol, Dora])
        {
            var got = Assert.Single(await old.MailOfAsync(address, atLeast: 1));
            Assert.EndsWith($"Authentication-Results: elsewhere.example; spf=pass\r\n{Header}Subject: not yet\r\n\r\n{Dots}\r\n", got, StringComparison.Ordinal);
            Assert.Contains("using TLSv1.3", got, StringComparison.Ordinal); // the old host's own Received
            // What was forged in our name is gone, and nobody's address is told to the other.
            Assert.DoesNotContain("forged", got, StringComparison.Ordinal);
            Assert.Contains($" by {HostName} with ESMTP id ", Unfolded(got), StringComparison.Ordinal);
            Assert.DoesNotContain(address == Carol ? Dora : Carol, got, StringComparison.Ordinal);
        }
        Assert.Equal(["moved"], (await household.Ben.ListAsync()).Select(message => message.Subject));
        Assert.Contains("passed", await SayAsync(household, "trace", Carol), StringComparison.Ordinal);

        // An invitation changes nothing; moving in does.
        var invitation = await household.Appliance.InviteAsync(Dora);
        Assert.StartsWith("250 2.0.0 Ok: queued as ", await SendAsync(household, "invited", Dora), StringComparison.Ordinal);
        using var dora = new BridgeProgram("dora's own password");
        await dora.ActivateAsync(invitation);
        Assert.Equal("250 2.0.0 Sealed and kept", await SendAsync(household, "at home", Dora));
        Assert.Equal(["at home"], (await dora.ListAsync()).Select(message => message.Subject));
        Assert.Equal(2, (await old.MailOfAsync(Dora, atLeast: 2)).Count);
        // Nothing of what went on has been kept here.
        var dump = (await household.Appliance.CommandAsync("store", "dump")).Succeeded().Text;
        Assert.DoesNotContain("carol", dump, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task While_the_old_host_is_away_senders_wait_and_members_get_their_mail()
    {
        await using var household = await Household.MoveInAsync(new ApplianceSettings { Values = new Dictionary<string, string> { ["Mx:HostName"] = HostName } });
        var added = (await household.Appliance.CommandAsync("domain", "add", Household.Domain, "--old-host", Loopback.FreePort().ToString())).Succeeded();
        Assert.Contains("does not answer now", added.Errors, StringComparison.Ordinal);
        Assert.StartsWith("451 4.4.1 ", await SendAsync(household, "away", Carol), StringComparison.Ordinal);
        Assert.Equal("250 2.0.0 Sealed and kept", await SendAsync(household, "at home", Household.BenAddress));
        Assert.Contains("takes no mail from here", household.Appliance.Log(), StringComparison.Ordinal);
        // Whoever names this appliance itself is told.
        await SayAsync(household, "domain", "add", Household.Domain, "--old-host", household.Appliance.Mx.ToString());
        Assert.StartsWith("451 4.4.6 ", await SendAsync(household, "in circles", Carol), StringComparison.Ordinal);
        Assert.Contains("is this appliance itself", household.Appliance.Log(), StringComparison.Ordinal);
        // When the move is over, nobody is asked any more.
        await SayAsync(household, "domain", "add", Household.Domain);
        Assert.StartsWith("550 5.1.1 ", await SendAsync(household, "nobody", Carol), StringComparison.Ordinal);
    }

    private static string Unfolded(string message) => message.Replace("\r\n\t", " ", StringComparison.Ordinal);

    private static async Task<string> SayAsync(Household household, params string[] command) => (await household.Appliance.CommandAsync(command)).Succeeded().Text.Trim();

    /// <summary>What was answered: to the first recipient that was refused, else to the message.</summary>
    private static async Task<string> SendAsync(Household household, string subject, params string[] recipients)
    {
        await using var dialogue = await SmtpDialogue.OpenAsync(household.Appliance.Mx);
        await dialogue.SayAsync("EHLO client.example");
        await dialogue.SayAsync("MAIL FROM:<friend@example.net>");
        foreach (var recipient in recipients)
            if (await dialogue.SayAsync($"RCPT TO:<{recipient}>") is not ['2', ..] and var refused)
                return refused;
        await dialogue.SayAsync("DATA");
        var stuffed = Dots.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        return await dialogue.SayBytesAsync(Encoding.ASCII.GetBytes(
            $"Authentication-Results: {HostName}; forged=pass\r\nAuthentication-Results: elsewhere.example; spf=pass\r\n{Header}Subject: {subject}\r\n\r\n.{stuffed}\r\n.\r\n"));
    }
}
