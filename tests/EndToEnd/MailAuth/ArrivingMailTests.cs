using System.Text;
using Appliance.EndToEnd.FirstLight;
using Appliance.EndToEnd.Harness;
using Appliance.Mail.Tests.Dns;

namespace Appliance.EndToEnd.MailAuth;

/// <summary>Mail from strangers, who all send from this machine: what the DNS says of them decides.</summary>
public sealed class ArrivingMailTests : IAsyncLifetime
{
    private const string Us = "mx.home.example";
    private readonly ZoneServer _dns = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-export-").FullName;
    private Household? _household;

    private Household Household => _household!;

    public async ValueTask InitializeAsync()
    {
        _dns.AddText("honest.example", "v=spf1 ip4:127.0.0.1 ip6:::1 -all");
        _dns.AddText("_dmarc.honest.example", "v=DMARC1; p=reject");
        _dns.AddText("_dmarc.strict.example", "v=DMARC1; p=reject");
        _dns.AddText("_dmarc.careful.example", "v=DMARC1; p=quarantine");
        _household = await Household.MoveInAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string> { ["Mx:HostName"] = Us, ["Dns:Servers"] = _dns.Address.ToString(), ["MailAuth:ExemptClients"] = "" },
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_household is not null)
            await _household.DisposeAsync();
        await _dns.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_cannot_be_confirmed_is_refused_or_filed_to_Junk_as_its_author_asks()
    {
        Assert.StartsWith("250 ", await SendAsync("ann@honest.example", Message("ann@honest.example", "honest")), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.26 strict.example asks", await SendAsync("ann@honest.example", Message("ceo@strict.example", "refused")), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SendAsync("birds-bounces@honest.example", Message("ceo@strict.example", "from a list", "List-Id: Birds <birds.honest.example>\r\n")), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SendAsync("ann@honest.example", Message("ceo@careful.example", "quarantine")), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SendAsync("ann@unknown.example", Message("ann@unknown.example", "unknown")), StringComparison.Ordinal);
        Assert.Equal(
            ["from a list: junk", "honest: inbox", "quarantine: junk", "unknown: inbox"],
            (await Household.Ann.ListAsync()).Select(listed => $"{listed.Subject}: {listed.Folder.ToLowerInvariant()}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Results_stand_on_top_and_those_in_our_name_that_came_are_taken_out()
    {
        const string forged = "Authentication-Results: mx.HOME.example 1;\r\n\tdmarc=pass header.from=strict.example\r\n";
        const string others = "Authentication-Results: mx.other.example; spf=pass\r\n";
        var message = others + forged + Message("ann@honest.example", "forged", "X-Last: 1\r\n" + forged.Replace("HOME", "home", StringComparison.Ordinal));
        Assert.StartsWith("250 ", await SendAsync("ann@honest.example", message), StringComparison.Ordinal);

        var export = await MemberExport.TakeAsync(Household.Ann, _folder);
        var id = Assert.Single(export.Listed).Id;
        Assert.Equal(message, Encoding.ASCII.GetString(export.AsReceived(id)));
        var kept = Encoding.ASCII.GetString(export.Full(id));
        Assert.DoesNotContain("strict.example", kept, StringComparison.Ordinal);
        Assert.EndsWith(others + Message("ann@honest.example", "forged", "X-Last: 1\r\n"), kept, StringComparison.Ordinal);
        var unfolded = kept.Replace("\r\n\t", " ", StringComparison.Ordinal);
        Assert.Contains(
            $"Authentication-Results: {Us}; spf=none smtp.helo=client.example; spf=pass smtp.mailfrom=ann@honest.example; dkim=none; dmarc=pass header.from=honest.example policy.dmarc=reject\r\n",
            unfolded, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_too_long_to_be_checked_is_refused_and_the_session_goes_on()
    {
        await using var dialogue = await GreetAsync("ann@honest.example");
        var reply = await dialogue.SayBytesAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("X-Filler: " + new string('x', 900) + "\r\n", 1200)) + Message("ann@honest.example", "x") + ".\r\n"));
        Assert.StartsWith("552 5.3.4 ", reply, StringComparison.Ordinal);
        Assert.StartsWith("250 ", await dialogue.SayAsync("NOOP"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_goes_in_circles_is_stopped()
    {
        var hop = "Received: from a.example by b.example with ESMTP; Thu, 26 Nov 2026 12:00:00 +0000\r\n";
        Assert.StartsWith("250 ", await SendAsync("ann@honest.example", string.Concat(Enumerable.Repeat(hop, 50)) + Message("ann@honest.example", "far")), StringComparison.Ordinal);
        Assert.StartsWith("554 5.4.6 ", await SendAsync("ann@honest.example", string.Concat(Enumerable.Repeat(hop, 51)) + Message("ann@honest.example", "round")), StringComparison.Ordinal);
    }

    private static string Message(string from, string subject, string fields = "") => $"{fields}From: {from}\r\nTo: {Household.AnnAddress}\r\nSubject: {subject}\r\n\r\nHello.\r\n";

    private async Task<string> SendAsync(string mailFrom, string message)
    {
        await using var dialogue = await GreetAsync(mailFrom);
        return await dialogue.SayBytesAsync(Encoding.ASCII.GetBytes(message + ".\r\n"));
    }

    /// <summary>As far as 354.</summary>
    private async Task<SmtpDialogue> GreetAsync(string mailFrom)
    {
        var dialogue = await SmtpDialogue.OpenAsync(Household.Appliance.Mx);
        await dialogue.SayAsync("EHLO client.example");
        await dialogue.SayAsync($"MAIL FROM:<{mailFrom}>");
        await dialogue.SayAsync($"RCPT TO:<{Household.AnnAddress}>");
        Assert.StartsWith("354 ", await dialogue.SayAsync("DATA"), StringComparison.Ordinal);
        return dialogue;
    }
}
