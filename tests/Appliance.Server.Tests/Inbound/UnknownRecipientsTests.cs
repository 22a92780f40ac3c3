using System.Net;
using Appliance.Server.Accounts;
using Appliance.Server.Inbound;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Server.Tests.Inbound;

public sealed class UnknownRecipientsTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private readonly FakeTimeProvider _time = new();
    private readonly UnknownRecipients _unknown;

    public UnknownRecipientsTests() => _unknown = new UnknownRecipients(Options.Create(new MxOptions { MaxUnknownRecipients = 20, BanMinutes = 15 }), _time);

    [Fact]
    public void A_few_mistakes_cost_nothing_then_each_costs_more_up_to_five_seconds()
    {
        Assert.Equal([0, 0, 0, 500, 1000, 1500], Enumerable.Range(0, 6).Select(_ => _unknown.Count(Client)!.Value.TotalMilliseconds));
        Assert.Equal(5, Enumerable.Range(0, 14).Select(_ => _unknown.Count(Client)!.Value.TotalSeconds).Max());
        Assert.False(_unknown.IsBanned(Client));
    }

    [Fact]
    public void One_too_many_bans_the_network_for_a_while()
    {
        Ban(Client);
        _time.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        Assert.True(_unknown.IsBanned(Client));
        Assert.False(_unknown.IsBanned(IPAddress.Parse("192.0.2.2")));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_unknown.IsBanned(Client));
        Assert.Equal(TimeSpan.Zero, _unknown.Count(Client));
    }

    [Fact]
    public void Old_mistakes_are_forgotten()
    {
        for (var i = 0; i < 20; i++)
            Assert.NotNull(_unknown.Count(Client));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(TimeSpan.Zero, _unknown.Count(Client));
    }

    [Fact]
    public void A_network_of_IPv6_is_one_client_and_IPv4_is_the_same_however_it_is_written()
    {
        Ban(IPAddress.Parse("2001:db8:1:2::1"));
        Assert.True(_unknown.IsBanned(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.False(_unknown.IsBanned(IPAddress.Parse("2001:db8:1:3::1")));
        Ban(Client);
        Assert.True(_unknown.IsBanned(IPAddress.Parse("::ffff:192.0.2.1")));
    }

    [Fact]
    public void The_networks_of_one_site_have_four_times_as_many_together()
    {
        var networks = Enumerable.Range(0, 65_536).Select(i => IPAddress.Parse($"2001:db8:1:{i:x}::1")).ToList();
        Assert.Equal(80, networks.TakeWhile(network => _unknown.Count(network) is not null).Count());
        Assert.True(_unknown.IsBanned(networks[^1])); // which asked for nothing
        Assert.False(_unknown.IsBanned(IPAddress.Parse("2001:db8:2::1")));
        Assert.Equal(TimeSpan.Zero, _unknown.Count(IPAddress.Parse("2001:db8:2::1")));
    }

    [Fact]
    public void Nor_is_it_faster_from_many_networks_of_a_site()
    {
        var delays = Enumerable.Range(0, 80).Select(i => _unknown.Count(IPAddress.Parse($"2001:db8:1:{i:x}::1"))!.Value).ToList();
        Assert.Equal(TimeSpan.Zero, delays[14]);
        Assert.Equal(TimeSpan.FromSeconds(5), delays[^1]);
    }

    [Fact]
    public void Bounces_are_counted_by_themselves_and_cost_no_other_mail()
    {
        while (_unknown.Count(Client, asBounces: true) is not null)
            Assert.False(_unknown.IsBanned(Client, asBounces: true));
        Assert.True(_unknown.IsBanned(Client, asBounces: true));
        Assert.False(_unknown.IsBanned(Client));
        Assert.Equal(TimeSpan.Zero, _unknown.Count(Client));
        _time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(TimeSpan.Zero, _unknown.Count(Client, asBounces: true));
    }

    [Fact]
    public void Remembers_so_many_networks_and_no_more()
    {
        for (var i = 0; i < Tallies<string>.MostKeys + 10; i++)
            _unknown.Count(new IPAddress(i + 1));
        Assert.InRange(_unknown.Networks, 1, Tallies<string>.MostKeys);
    }

    private void Ban(IPAddress client)
    {
        while (_unknown.Count(client) is not null)
            Assert.False(_unknown.IsBanned(client));
        Assert.True(_unknown.IsBanned(client));
    }
}
