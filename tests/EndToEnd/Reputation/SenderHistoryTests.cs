using System.Net;
using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Reputation;

/// <summary>What becomes of mail, by what a real name server says of who sends it and by what was seen of them before.</summary>
public sealed class SenderHistoryTests(SenderHistoryTests.Host host) : IClassFixture<SenderHistoryTests.Host>
{
    private const string Zone = """
        good.example. TXT "v=spf1 ip4:192.0.2.10 -all"
        _dmarc.good.example. TXT "v=DMARC1; p=reject"
        mail.good.example. A 192.0.2.10
        10.2.0.192.in-addr.arpa. PTR mail.good.example.
        ; confirmed by its signature's and sender's domain, but its address has no name
        home.example.net. TXT "v=spf1 ip4:192.0.2.11 -all"
        _dmarc.home.example.net. TXT "v=DMARC1; p=none"
        ; a name that leads elsewhere
        elsewhere.example. A 198.51.100.1
        21.2.0.192.in-addr.arpa. PTR elsewhere.example.
        ; SPF fails, the name is in order
        mail.soft.example. A 192.0.2.22
        22.2.0.192.in-addr.arpa. PTR mail.soft.example.
        soft.example. TXT "v=spf1 ip4:192.0.2.99 ~all"
        ; on lists
        mail.listed.example. A 192.0.2.30
        30.2.0.192.in-addr.arpa. PTR mail.listed.example.
        30.2.0.192.block.example. A 127.0.0.4
        31.2.0.192.block.example. A 127.0.0.4
        31.2.0.192.allow.example. A 127.0.5.1
        32.2.0.192.allow.example. A 127.0.5.1
        mail.plain.example. A 192.0.2.40
        40.2.0.192.in-addr.arpa. PTR mail.plain.example.
        40.2.0.192.error.example. A 127.255.255.254
        *.world.example. A 127.0.0.2
        40.2.0.192.hijacked.example. A 198.51.100.53
        0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.block.example. A 127.0.0.4
        strict.example. TXT "v=spf1 -all"
        _dmarc.strict.example. TXT "v=DMARC1; p=reject"
        """;

    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(6);

    private Household Household => host.Household;

    [Theory]
    // Who is in order is never made to wait, known or not.
    [InlineData("first contact, in order", "192.0.2.10", "ann@good.example", "ann@good.example", "250")]
    [InlineData("first contact, without a policy", "192.0.2.40", "ann@plain.example", "ann@plain.example", "250")]
    [InlineData("first contact, no name but confirmed", "192.0.2.11", "ann@home.example.net", "ann@home.example.net", "250")]
    // The suspicious wait once.
    [InlineData("first contact, no name", "192.0.2.20", "ann@plain.example", "ann@plain.example", "451 4.7.1 Your server is not known here yet")]
    [InlineData("first contact, its name leads elsewhere", "192.0.2.21", "ann@plain.example", "ann@plain.example", "451 4.7.1 Your server is not known here yet")]
    [InlineData("first contact, SPF fails", "192.0.2.22", "ann@soft.example", "ann@soft.example", "451 4.7.1 Your server is not known here yet")]
    [InlineData("first contact, IPv6", "IPv6:2001:db8:1::1", "ann@plain.example", "ann@plain.example", "451 4.7.1 Your server is not known here yet")]
    // Lists
    [InlineData("listed", "192.0.2.30", "ann@plain.example", "ann@plain.example", "550 5.7.1 Your server 192.0.2.30 is on the block list block.example")]
    [InlineData("listed, IPv6", "IPv6:2001:db8::", "ann@plain.example", "ann@plain.example", "550 5.7.1 Your server 2001:db8:: is on the block list block.example")]
    [InlineData("listed and vouched for", "192.0.2.31", "ann@plain.example", "ann@plain.example", "250")]
    [InlineData("lists broken", "192.0.2.40", "ann@plain.example", "ann@plain.example", "250")]
    [InlineData("vouched for, in somebody else's name", "192.0.2.32", "ann@plain.example", "ann@strict.example", "250", "junk")]
    [InlineData("not vouched for, in somebody else's name", "192.0.2.40", "ann@plain.example", "ann@strict.example", "550 5.7.26 ")]
    public async Task First_contact(string subject, string client, string mailFrom, string from, string expected, string folder = "inbox")
    {
        Assert.StartsWith(expected, await SendAsync(client, mailFrom, from, subject), StringComparison.Ordinal);
        Assert.Equal(expected == "250" ? [folder] : [], await FoldersAsync(subject));
    }

    [Fact]
    public async Task Who_tries_again_too_early_waits_on_and_who_waited_is_known()
    {
        Assert.StartsWith("451 ", await SendAsync("192.0.2.24", "ann@plain.example", "ann@plain.example", "waited"), StringComparison.Ordinal);
        Assert.StartsWith("451 ", await SendAsync("192.0.2.24", "ann@plain.example", "ann@plain.example", "waited"), StringComparison.Ordinal);
        await Task.Delay(Delay + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.StartsWith("250 ", await SendAsync("192.0.2.24", "ann@plain.example", "ann@plain.example", "waited"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SendAsync("192.0.2.24", "ben@plain.example", "ben@plain.example", "known"), StringComparison.Ordinal);
        // For another domain, or from elsewhere, it is not.
        Assert.StartsWith("451 ", await SendAsync("192.0.2.24", "ann@other.example", "ann@other.example", "other domain"), StringComparison.Ordinal);
        Assert.StartsWith("451 ", await SendAsync("192.0.2.25", "ann@plain.example", "ann@plain.example", "other client"), StringComparison.Ordinal);
        Assert.Equal(["inbox", "inbox"], [.. await FoldersAsync("waited"), .. await FoldersAsync("known")]);

        // That it waited outlives the service, and so does who is known.
        await Household.Appliance.StopAsync();
        await Task.Delay(Delay, TestContext.Current.CancellationToken);
        await Household.Appliance.StartAsync();
        Assert.StartsWith("250 ", await SendAsync("192.0.2.24", "ann@plain.example", "ann@plain.example", "known"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SendAsync("192.0.2.25", "ann@plain.example", "ann@plain.example", "waited while we were away"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_relay_of_ours_took_is_not_refused_and_whoever_gave_it_counts()
    {
        Assert.StartsWith("250 ", await SendAsync(null, "ann@plain.example", "ann@plain.example", "relayed, listed", Hop("192.0.2.30")), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SendAsync(null, "ann@plain.example", "ann@plain.example", "relayed, in order", Hop("192.0.2.40")), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SendAsync(null, "ann@plain.example", "ann@plain.example", "relayed, no name", Hop("192.0.2.26")), StringComparison.Ordinal);
        Assert.Equal(["junk", "inbox"], [.. await FoldersAsync("relayed, listed"), .. await FoldersAsync("relayed, in order")]);
        Assert.Single(await FoldersAsync("relayed, no name"));

        static string Hop(string client) => $"Received: from mail.plain.example (unknown [{client}]) by relay.example (Postfix); Fri, 27 Nov 2026 00:00:00 +0000\r\n";
    }

    [Fact]
    public async Task A_header_of_a_proxy_that_is_none_is_not_heard()
    {
        await using var forged = await SmtpDialogue.OpenAsync(Household.Appliance.Mx, IPAddress.Parse("127.0.0.9"), "PROXY TCP4 192.0.2.10 127.0.0.1 40000 25\r\n"u8.ToArray());
        Assert.StartsWith("554 5.7.0 ", forged.Greeting, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_listed_can_still_say_so_to_postmaster()
    {
        Assert.StartsWith("250 ", await SendAsync("192.0.2.30", "ann@plain.example", "ann@plain.example", "why am I listed", to: "postmaster@" + Household.Domain), StringComparison.Ordinal);
        Assert.Contains(await Household.Ann.ListAsync(), listed => listed.Subject == "why am I listed");
    }

    [Fact]
    public async Task A_list_that_is_broken_is_complained_of_once()
    {
        await SendAsync("192.0.2.40", "ann@plain.example", "ann@plain.example", "one");
        await SendAsync("192.0.2.40", "ann@plain.example", "ann@plain.example", "two");
        foreach (var list in new[] { "error.example", "world.example", "hijacked.example" })
            Assert.Single(Household.Appliance.Log().Split('\n'), line => line.Contains($"The list {list} does not answer as it should", StringComparison.Ordinal));
        Assert.DoesNotContain("192.0.2.40", Household.Appliance.Log(), StringComparison.Ordinal);
    }

    private async Task<IEnumerable<string>> FoldersAsync(string subject) => from listed in await Household.Ben.ListAsync() where listed.Subject == subject select listed.Folder;

    /// <param name="client">Null: a relay of ours by itself.</param>
    private async Task<string> SendAsync(string? client, string mailFrom, string from, string subject, string fields = "", string to = Household.BenAddress)
    {
        await using var dialogue = await SmtpDialogue.OpenAsync(Household.Appliance.Mx);
        await dialogue.SayAsync("EHLO mail.plain.example");
        if (client is not null)
        {
            Assert.StartsWith("220 ", await dialogue.SayAsync($"XCLIENT ADDR={client}"), StringComparison.Ordinal);
            await dialogue.SayAsync("EHLO mail.plain.example");
        }
        Assert.StartsWith("250 ", await dialogue.SayAsync($"MAIL FROM:<{mailFrom}>"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await dialogue.SayAsync($"RCPT TO:<{to}>"), StringComparison.Ordinal);
        Assert.StartsWith("354 ", await dialogue.SayAsync("DATA"), StringComparison.Ordinal);
        return await dialogue.SayBytesAsync(Encoding.ASCII.GetBytes($"{fields}From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nHello.\r\n.\r\n"));
    }

    public sealed class Host : IAsyncLifetime
    {
        private NsdServer? _dns;
        private Household? _household;

        public Household Household => _household!;

        public async ValueTask InitializeAsync()
        {
            _dns = await NsdServer.StartAsync(Zone);
            _household = await Household.MoveInAsync(new ApplianceSettings
            {
                Values = new Dictionary<string, string>
                {
                    ["Dns:Servers"] = _dns.Address.ToString(),
                    ["MailAuth:ExemptClients"] = "",
                    ["Mx:TrustedRelays"] = "127.0.0.1",
                    ["Senders:BlockLists"] = "block.example error.example world.example hijacked.example",
                    ["Senders:AllowLists"] = "allow.example",
                    ["Senders:GreylistMinutes"] = "0.1",
                    ["Senders:TarpitSeconds"] = "1",
                },
            });
        }

        public async ValueTask DisposeAsync()
        {
            if (_household is not null)
                await _household.DisposeAsync();
            if (_dns is not null)
                await _dns.DisposeAsync();
        }
    }
}
