using System.Net;
using System.Text;
using Appliance.EndToEnd.Harness;
using Appliance.Mail.Tests.Dns;

namespace Appliance.EndToEnd.Relays;

/// <summary>Behind a mail server or a proxy of the operator's, checks are about whoever connected to that one.</summary>
public sealed class TrustedHopTests : IAsyncLifetime
{
    private const string FromHonest = "from mail.honest.example (mail.honest.example [192.0.2.25]) by relay.home.example (Postfix) with ESMTPS id 4X; Fri, 27 Nov 2026 00:00:00 +0000";
    private static readonly Opening Relay = new("127.0.0.5", null, "EHLO relay.home.example");
    private static readonly Opening Lmtp = new("127.0.0.1", null, "LHLO relay.home.example");
    private readonly ZoneServer _dns = new();
    private Household? _household;

    private Household Household => _household!;

    public async ValueTask InitializeAsync()
    {
        _dns.AddText("honest.example", "v=spf1 ip4:192.0.2.25 -all");
        _dns.AddText("_dmarc.honest.example", "v=DMARC1; p=reject");
        _household = await Household.MoveInAsync(new ApplianceSettings
        {
            Values = new Dictionary<string, string>
            {
                ["Dns:Servers"] = _dns.Address.ToString(),
                ["Listen:Lmtp"] = "localhost:0",
                ["MailAuth:ExemptClients"] = "",
                ["Mx:TrustedRelays"] = "127.0.0.5 192.0.2.200/30",
                ["Mx:TrustedProxies"] = "127.0.0.6",
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_household is not null)
            await _household.DisposeAsync();
        await _dns.DisposeAsync();
    }

    [Fact]
    public async Task A_relay_is_believed_who_gave_it_the_message_and_nobody_below()
    {
        var spoofed = FromHonest.Replace("192.0.2.25", "203.0.113.9", StringComparison.Ordinal);
        const string inner = "from backup.home.example (backup.home.example [192.0.2.201]) by relay.home.example (Postfix) with ESMTP; Fri, 27 Nov 2026 00:00:00 +0000";
        const string filter = "by relay.home.example (Postfix, from userid 99) id 4Y; Fri, 27 Nov 2026 00:00:00 +0000";
        await DeliverAsync(Relay, "relayed", FromHonest);
        await DeliverAsync(Relay, "relayed twice", filter, inner, FromHonest);
        await DeliverAsync(Relay, "spoofed", spoofed, FromHonest);
        await DeliverAsync(Relay, "relay's own");
        // Nobody else's Received counts, and who can be told is told.
        Assert.StartsWith("550 5.7.26 ", await SendAsync(new Opening("127.0.0.7", null, "EHLO relay.home.example"), "forged", FromHonest), StringComparison.Ordinal);
        Assert.Equal(["relay's own: inbox", "relayed twice: inbox", "relayed: inbox", "spoofed: junk"], await FoldersAsync());
    }

    [Fact]
    public async Task What_comes_by_LMTP_is_asked_about_too()
    {
        await DeliverAsync(Lmtp, "relayed", FromHonest);
        await DeliverAsync(Lmtp, "spoofed", FromHonest.Replace("192.0.2.25", "203.0.113.9", StringComparison.Ordinal));
        Assert.Equal(["relayed: inbox", "spoofed: junk"], await FoldersAsync());
    }

    [Fact]
    public async Task A_relay_that_says_XCLIENT_is_answered_like_the_client()
    {
        await DeliverAsync(new Opening("127.0.0.5", null, "EHLO relay.home.example", "XCLIENT ADDR=192.0.2.25 HELO=mail.honest.example", "EHLO relay.home.example"), "honest");
        Assert.StartsWith("550 5.7.26 ", await SendAsync(new Opening("127.0.0.5", null, "EHLO relay.home.example", "XCLIENT ADDR=203.0.113.9 HELO=mail.honest.example", "EHLO relay.home.example"), "spoofed"), StringComparison.Ordinal);
        // An unknown client cannot make itself known by it.
        Assert.StartsWith("550 5.7.26 ", await SendAsync(new Opening("127.0.0.7", null, "EHLO relay.home.example", "XCLIENT ADDR=192.0.2.25", "EHLO relay.home.example"), "forged"), StringComparison.Ordinal);
        Assert.Equal(["honest: inbox"], await FoldersAsync());
    }

    [Fact]
    public async Task A_proxy_says_who_is_behind_it_and_who_is_no_proxy_is_not_heard()
    {
        byte[] binary = [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, 192, 0, 2, 25, 127, 0, 0, 1, 0x9c, 0x40, 0, 25];
        await DeliverAsync(new Opening("127.0.0.6", "PROXY TCP4 192.0.2.25 127.0.0.1 40000 25\r\n"u8.ToArray(), "EHLO mail.honest.example"), "version 1");
        await DeliverAsync(new Opening("127.0.0.6", binary, "EHLO mail.honest.example"), "version 2");
        Assert.StartsWith("550 5.7.26 ", await SendAsync(new Opening("127.0.0.6", "PROXY TCP4 203.0.113.9 127.0.0.1 40000 25\r\n"u8.ToArray(), "EHLO mail.honest.example"), "spoofed"), StringComparison.Ordinal);
        await using (var forged = await SmtpDialogue.OpenAsync(Household.Appliance.Mx, IPAddress.Parse("127.0.0.7"), "PROXY TCP4 192.0.2.25 127.0.0.1 40000 25\r\n"u8.ToArray()))
            Assert.StartsWith("554 5.7.0 You talked before the greeting", forged.Greeting, StringComparison.Ordinal);
        // Without a header it is nobody, and is closed on.
        await using (var silent = await SmtpDialogue.OpenAsync(Household.Appliance.Mx, IPAddress.Parse("127.0.0.6")))
            Assert.Equal("", silent.Greeting);
        Assert.Contains("without a PROXY header", Household.Appliance.Log(), StringComparison.Ordinal);
        Assert.Equal(["version 1: inbox", "version 2: inbox"], await FoldersAsync());
    }

    private async Task<IEnumerable<string>> FoldersAsync() => (await Household.Ben.ListAsync()).Select(listed => $"{listed.Subject}: {listed.Folder}").Order(StringComparer.Ordinal);

    private async Task DeliverAsync(Opening opening, string subject, params string[] received) =>
        Assert.StartsWith("250 2.0.0 Sealed", await SendAsync(opening, subject, received), StringComparison.Ordinal);

    /// <summary>What was answered to a message from honest.example.</summary>
    private async Task<string> SendAsync(Opening opening, string subject, params string[] received)
    {
        var isLmtp = opening.Lines[0].StartsWith("LHLO", StringComparison.Ordinal);
        await using var dialogue = await SmtpDialogue.OpenAsync(isLmtp ? Household.Appliance.Lmtp! : Household.Appliance.Mx, IPAddress.Parse(opening.From), opening.Preamble);
        foreach (var line in (string[])[.. opening.Lines, "MAIL FROM:<ann@honest.example>", $"RCPT TO:<{Household.BenAddress}>"])
            await dialogue.SayAsync(line);
        if (await dialogue.SayAsync("DATA") is not ['3', ..] and var refused)
            return refused;
        var header = string.Concat(received.Select(field => $"Received: {field}\r\n"));
        return await dialogue.SayBytesAsync(Encoding.ASCII.GetBytes($"{header}From: ann@honest.example\r\nSubject: {subject}\r\n\r\nHello.\r\n.\r\n"));
    }

    /// <summary>From where a client connects, and what it says before MAIL.</summary>
    private sealed record Opening(string From, byte[]? Preamble, params string[] Lines);
}
