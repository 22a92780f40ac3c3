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

    /// <summary>Each time another.</summary>
    private IPAddress Next() => new([192, 0, 2, _next++]);

    private ReceiveRates Rates(int most) => new(Options.Create(new MxOptions { MaxMessagesPerHour = most }), _time);

    private static MailboxChange Change(MailboxId mailbox) => new(mailbox, 1);
}
