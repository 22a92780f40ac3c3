using Appliance.Server.Accounts;
using Appliance.Server.Tests.SelfDestruct;

namespace Appliance.Server.Tests.Accounts;

public sealed class TalliesTests
{
    [Theory]
    [InlineData(-24)]
    [InlineData(24)]
    public void A_clock_that_is_set_lifts_no_ban_and_prolongs_none(int hours)
    {
        var time = new TwoClocks();
        var tallies = new Tallies<string>(TimeSpan.FromMinutes(10), time);
        tallies.Add("client");
        tallies.Keep("client", TimeSpan.FromMinutes(15));
        time.Wall += TimeSpan.FromHours(hours);
        time.Pass(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        Assert.Equal(1, tallies.Of("client"));
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(0, tallies.Of("client"));
    }
}
