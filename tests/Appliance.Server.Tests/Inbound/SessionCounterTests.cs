using System.Net;
using Appliance.Server.Inbound;

namespace Appliance.Server.Tests.Inbound;

public sealed class SessionCounterTests
{
    [Fact]
    public void One_network_does_not_take_all_the_room()
    {
        var sessions = new SessionCounter(most: 3, mostPerNetwork: 2);
        var (one, neighbour, other) = (IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::ffff"), IPAddress.Parse("2001:db8:1::1"));
        Assert.True(sessions.TryEnter(one));
        Assert.True(sessions.TryEnter(neighbour));
        Assert.False(sessions.TryEnter(one)); // of the same /64
        Assert.True(sessions.TryEnter(other));
        Assert.False(sessions.TryEnter(IPAddress.Loopback)); // the last place is taken
        sessions.Leave(neighbour);
        Assert.False(sessions.TryEnter(one)); // which has one, and it would be the last
        Assert.True(sessions.TryEnter(IPAddress.Loopback));
    }

    [Fact]
    public void A_few_networks_leave_room_for_others()
    {
        var sessions = new SessionCounter(most: 100, mostPerNetwork: 25);
        foreach (var client in Enumerable.Range(0, 1_000).Select(i => new IPAddress([198, 51, 100, (byte)(i % 10)])))
            sessions.TryEnter(client);
        Assert.True(sessions.TryEnter(IPAddress.Parse("192.0.2.1")));
        Assert.True(sessions.TryEnter(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void The_networks_of_one_site_leave_room_for_others()
    {
        var sessions = new SessionCounter(most: 100, mostPerNetwork: 25);
        Assert.Equal(50, Enumerable.Range(0, 1_000).Count(i => sessions.TryEnter(IPAddress.Parse($"2001:db8:1:{i:x}::1"))));
        Assert.True(sessions.TryEnter(IPAddress.Parse("2001:db8:2::1")));
        foreach (var i in Enumerable.Range(0, 50))
            sessions.Leave(IPAddress.Parse($"2001:db8:1:{i:x}::1"));
        Assert.True(sessions.TryEnter(IPAddress.Parse("2001:db8:1:ffff::1")));
    }

    [Fact]
    public void What_everybodys_mail_comes_through_may_have_all_the_room()
    {
        var sessions = new SessionCounter(most: 100, mostPerNetwork: 100);
        Assert.Equal(100, Enumerable.Range(0, 200).Count(_ => sessions.TryEnter(IPAddress.Loopback, mayFill: true)));
    }
}
