using System.Net;
using Appliance.Server.Inbound;

namespace Appliance.Server.Tests.Inbound;

public sealed class SessionCounterTests
{
    [Fact]
    public void One_network_does_not_take_all_the_room()
    {
        var sessions = new SessionCounter(most: 3, mostPerNetwork: 2);
        var (one, neighbour, other) = (IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::ffff"), IPAddress.Parse("2001:db8:0:1::1"));
        Assert.True(sessions.TryEnter(one));
        Assert.True(sessions.TryEnter(neighbour));
        Assert.False(sessions.TryEnter(one)); // of the same /64
        Assert.True(sessions.TryEnter(other));
        Assert.False(sessions.TryEnter(IPAddress.Loopback)); // the last place is taken
        sessions.Leave(neighbour);
        Assert.True(sessions.TryEnter(one));
    }
}
