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
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void So_many_messages_are_an_hours_mail_and_then_the_next_hour_begins()
    {
        var rates = Rates(most: 3);
        rates.Count([Change(Ann), Change(Ben)]);
        _time.Advance(TimeSpan.FromMinutes(30));
        rates.Count([Change(Ann)]);
        Assert.False(rates.IsReached(Ann));
        rates.Count([Change(Ann)]);
        Assert.True(rates.IsReached(Ann));
        Assert.False(rates.IsReached(Ben));
        _time.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1));
        Assert.True(rates.IsReached(Ann));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(rates.IsReached(Ann));
        rates.Count([Change(Ann)]);
        Assert.False(rates.IsReached(Ann));
    }

    [Fact]
    public void No_limit_is_never_reached()
    {
        var rates = Rates(most: 0);
        rates.Count(Enumerable.Repeat(Change(Ann), 10_000));
        Assert.False(rates.IsReached(Ann));
    }

    private ReceiveRates Rates(int most) => new(Options.Create(new MxOptions { MaxMessagesPerHour = most }), _time);

    private static MailboxChange Change(MailboxId mailbox) => new(mailbox, 1);
}
