using System.Net;
using Appliance.Mail.Dns;
using Appliance.Mail.Smtp;
using Appliance.Server.Inbound;
using Appliance.Server.Inbound.Filters;
using Appliance.Server.Inbound.Senders;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Server.Tests.Inbound;

/// <summary>A client on a block list waits for each answer to RCPT, and nobody else does.</summary>
public sealed class TarpitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly IOptions<MxOptions> _mx = Options.Create(new MxOptions { TrustedRelays = "192.0.2.3" });
    private readonly IOptions<MailAuthOptions> _auth = Options.Create(new MailAuthOptions());

    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.2", false)] // on no list
    [InlineData("192.0.2.3", false)] // a relay of ours
    [InlineData("192.0.2.4", false)] // vouched for
    [InlineData("127.0.0.1", false)]
    public async Task Who_is_listed_waits(string client, bool waits)
    {
        var senders = Options.Create(new SenderOptions { BlockLists = "block.example", AllowLists = "allow.example", TarpitSeconds = 5 });
        var dns = new Lists();
        var clients = new OriginalClients(_auth, _mx);
        var checks = new ArrivalChecks(
            null!, dns, clients, new ClientReputations(dns, senders, _time, NullLogger<ClientReputations>.Instance), null!, null!, null!, _auth, senders, Options.Create(new FilterOptions()), _mx, _time);
        var limits = new ClientLimits(new UnknownRecipients(_mx, _time), new ReceiveRates(_mx, _time), clients, checks, senders, _time);
        var peer = new SmtpPeer(new IPEndPoint(IPAddress.Parse(client), 25));
        checks.Begin(peer);
        for (var recipient = 0; recipient < 2; recipient++)
        {
            var answer = limits.RefusalAsync(peer, [], null, isUnknown: false, isBounce: false, TestContext.Current.CancellationToken).AsTask();
            Assert.Equal(!waits, answer.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(5));
            Assert.Null(await answer);
        }
    }

    [Fact]
    public void Room_for_clients_is_made_for_many_at_once()
    {
        var senders = Options.Create(new SenderOptions { BlockLists = "", AllowLists = "" });
        var reputations = new ClientReputations(new Lists(), senders, _time, NullLogger<ClientReputations>.Instance);
        for (var i = 0; i <= ClientReputations.MostClients; i++)
            _ = reputations.OfAsync(new IPAddress([198, 51, (byte)(i >> 8), (byte)i]));
        Assert.InRange(reputations.Clients, 1, ClientReputations.MostClients * 9 / 10);
    }

    private sealed class Lists : IDnsResolver
    {
        public ValueTask<DnsAnswer> QueryAsync(string name, DnsType type, CancellationToken cancellationToken) => ValueTask.FromResult(
            name is "1.2.0.192.block.example" or "3.2.0.192.block.example" or "4.2.0.192.block.example" or "4.2.0.192.allow.example"
                ? new DnsAnswer(DnsOutcome.Found, [new AddressRecord(IPAddress.Parse("127.0.0.4"))])
                : DnsAnswer.NoName);
    }
}
