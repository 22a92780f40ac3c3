using System.Net;
using Appliance.Crypto.Formats;
using Appliance.Server.Inbound;
using Appliance.Server.Mailboxes;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Server.Tests.Inbound;

public sealed class ReceiveRatesTests
{
    private static readonly MailboxId Ann = new(ObjectId.New());
    private static readonly MailboxId Ben = new(ObjectId.New());
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private readonly FakeTimeProvider _time = new();
    private byte _next = 100;

    [Fact]
    public void So_many_messages_are_an_hours_mail_and_then_the_next_hour_begins()
    {
        var rates = Rates(most: 3);
        rates.Count(Next(), [Change(Ann), Change(Ben)]);
        _time.Advance(TimeSpan.FromMinutes(30));
        rates.Count(Next(), [Change(Ann)]);
        Assert.False(rates.IsReached(Ann, Client));
        rates.Count(Next(), [Change(Ann)]);
        Assert.True(rates.IsReached(Ann, Client));
        Assert.False(rates.IsReached(Ben, Client));
        _time.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1));
        Assert.True(rates.IsReached(Ann, Client));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(rates.IsReached(Ann, Client));
        rates.Count(Next(), [Change(Ann)]);
        Assert.False(rates.IsReached(Ann, Client));
    }

    [Fact]
    public void No_limit_is_never_reached()
    {
        var rates = Rates(most: 0);
        rates.Count(Client, Enumerable.Repeat(Change(Ann), 10_000));
        Assert.False(rates.IsReached(Ann, Client));
    }

    [Fact]
    public void One_network_brings_a_quarter_and_others_go_on()
    {
        var rates = Rates(most: 8);
        rates.Count(Client, [Change(Ann)]);
        Assert.False(rates.IsReached(Ann, Client));
        rates.Count(Client, [Change(Ann)]);
        Assert.True(rates.IsReached(Ann, Client));
        Assert.False(rates.IsReached(Ben, Client));
        Assert.False(rates.IsReached(Ann, IPAddress.Parse("192.0.2.2")));
    }

    [Fact]
    public void All_networks_of_a_site_are_one()
    {
        var rates = Rates(most: 100);
        Assert.Equal(25, Enumerable.Range(0, 100).Count(i => TryBring(rates, IPAddress.Parse($"2001:db8:1:{i:x}::1"))));
        Assert.False(rates.IsReached(Ann, IPAddress.Parse("2001:db8:2::1")));
    }

    [Fact]
    public void A_few_networks_leave_room_for_others()
    {
        var rates = Rates(most: 1000);
        foreach (var i in Enumerable.Range(0, 10_000))
            TryBring(rates, new IPAddress([198, 51, 100, (byte)(i % 6)]));
        foreach (var _ in Enumerable.Range(0, 10))
            Assert.True(TryBring(rates, Next()));
    }

    private static bool TryBring(ReceiveRates rates, IPAddress client)
    {
        if (rates.IsReached(Ann, client))
            return false;
        rates.Count(client, [Change(Ann)]);
        return true;
    }

    /// <summary>Each time another.</summary>
    private IPAddress Next() => new([192, 0, 2, _next++]);

    private ReceiveRates Rates(int most) => new(Options.Create(new MxOptions { MaxMessagesPerHour = most }), _time);

    private static MailboxChange Change(MailboxId mailbox) => new(mailbox, 1);
}
