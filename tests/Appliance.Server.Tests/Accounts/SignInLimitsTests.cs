using System.Net;
using Appliance.Crypto.Formats;
using Appliance.Server.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Server.Tests.Accounts;

public sealed class SignInLimitsTests
{
    private const string Stranger = "2001:db8:1:2::1";
    private static readonly AccountId Member = new(ObjectId.New());
    private readonly FakeTimeProvider _time = new();
    private readonly KnownNetworks _known = new();
    private readonly SignInOptions _options = new() { MaxFailures = 3, BanMinutes = 60, RequestsPerMinute = 1000, AttemptsPerAddress = 20 };
    private SignInLimits _limits;

    public SignInLimitsTests() => _limits = BehindProxies("127.0.0.0/8", "::1/128");

    [Fact]
    public async Task A_network_that_fails_once_too_often_is_refused_for_as_long_as_it_is_told()
    {
        Fail(Stranger, 3);
        Assert.Null(await RefusalAsync(Stranger));
        Fail(Stranger, 1);
        Assert.Equal("3600", await RefusalAsync("2001:db8:1:2:ffff::9")); // the same /64
        Assert.Null(await RefusalAsync("2001:db8:1:3::1"));
        _time.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await RefusalAsync(Stranger));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await RefusalAsync(Stranger));
    }

    [Fact]
    public async Task All_networks_of_a_48_together_fail_ten_times_as_often_as_one_and_then_all_are_refused()
    {
        for (var i = 0; i < 10; i++)
            Fail($"2001:db8:1:{i}::1", 3);
        Assert.Null(await RefusalAsync("2001:db8:1:ff::1"));
        Fail("2001:db8:1:a::1", 1);
        Assert.Equal("3600", await RefusalAsync("2001:db8:1:ff::1"));
        Assert.Null(await RefusalAsync("2001:db8:2:ff::1"));
    }

    [Fact]
    public async Task This_machine_is_never_banned_since_everybody_may_come_through_a_proxy_on_it()
    {
        Fail("127.0.0.1", 100);
        Fail("::1", 100);
        Assert.Null(await RefusalAsync("127.0.0.1"));
        Assert.Null(await RefusalAsync("::1"));
    }

    [Fact]
    public async Task Where_proxies_are_named_they_are_never_banned_and_this_machine_is()
    {
        _limits = BehindProxies("192.0.2.0/24");
        Fail("::ffff:192.0.2.7", 100);
        Fail("127.0.0.1", 100);
        Assert.Null(await RefusalAsync("192.0.2.7"));
        Assert.NotNull(await RefusalAsync("127.0.0.1"));
    }

    [Fact]
    public async Task Failures_from_very_many_networks_do_not_lift_a_ban()
    {
        Fail("192.0.2.1", 4);
        for (var i = 0; i < 2 * Tallies<string>.MostKeys; i++)
            Fail(new IPAddress(0x0A000000 + i).ToString(), 1);
        Assert.NotNull(await RefusalAsync("192.0.2.1"));
    }

    [Fact]
    public async Task A_network_asks_so_often_a_minute_and_a_48_as_a_whole_ten_times_as_often()
    {
        _options.RequestsPerMinute = 2;
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(await RefusalAsync($"2001:db8:1:{i}::1"));
            Assert.Null(await RefusalAsync($"2001:db8:1:{i}::2"));
        }
        Assert.Equal("60", await RefusalAsync("2001:db8:1:ff::1"));
        Assert.Null(await RefusalAsync("2001:db8:2:ff::1"));
        Assert.Null(await RefusalAsync("192.0.2.1"));
        Assert.Null(await RefusalAsync("192.0.2.1"));
        Assert.Equal("60", await RefusalAsync("::ffff:192.0.2.1"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await RefusalAsync("2001:db8:1:ff::1"));
        Assert.Null(await RefusalAsync("192.0.2.1"));
    }

    [Fact]
    public async Task A_48_that_asks_from_all_its_networks_leaves_few_of_them_to_be_remembered()
    {
        _options.RequestsPerMinute = 2;
        for (var i = 0; i < 1_000; i++)
            await RefusalAsync($"2001:db8:1:{i:x}::1");
        Assert.Equal(1 + 20, _limits.Remembered);
    }

    [Fact]
    public void Remembers_so_many_sign_ins_and_no_more()
    {
        var http = From(Stranger);
        for (var i = 0; i < Tallies<string>.MostKeys + 10; i++)
            _limits.AllowsAttempt(new AccountId(ObjectId.New()), http);
        Assert.InRange(_limits.Remembered, 1, Tallies<string>.MostKeys);
    }

    [Fact]
    public void Whoever_asks_for_a_members_address_again_and_again_keeps_out_nobody_but_their_own_networks()
    {
        for (var i = 0; i < 20; i++)
            Assert.True(_limits.AllowsAttempt(Member, From($"2001:db8:1:{i}::1")));
        Assert.False(_limits.AllowsAttempt(Member, From("2001:db8:1:ff::1"))); // of the same /48
        Assert.True(_limits.AllowsAttempt(Member, From("2001:db8:2:ff::1")));
        Assert.True(_limits.AllowsAttempt(new AccountId(ObjectId.New()), From(Stranger)));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(_limits.AllowsAttempt(Member, From(Stranger)));
    }

    [Fact]
    public void Guesses_from_everywhere_are_bounded_and_a_member_still_comes_in_where_they_were_signed_in_before()
    {
        _known.Note(Member, ClientSite.Of(From("2001:db8:beef:1::1")));
        Guess(SignInLimits.MostGuesses);
        Assert.False(_limits.AllowsGuess(Member, From("192.0.2.1"))); // begun before
        Assert.False(_limits.AllowsAttempt(Member, From("192.0.2.1")));
        Assert.True(_limits.AllowsAttempt(Member, From("2001:db8:beef:2::1")));
        Assert.True(_limits.AllowsGuess(Member, From("2001:db8:beef:2::1")));
        Assert.True(_limits.AllowsAttempt(new AccountId(ObjectId.New()), From("192.0.2.1")));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(_limits.AllowsAttempt(Member, From("192.0.2.1")));
    }

    [Fact]
    public void What_is_guessed_where_the_member_is_known_does_not_count_elsewhere()
    {
        _known.Note(Member, "192.0.2.1");
        for (var i = 0; i < 2 * SignInLimits.MostGuesses; i++)
            Assert.True(_limits.AllowsGuess(Member, From("192.0.2.1")));
        Assert.True(_limits.AllowsAttempt(Member, From("192.0.2.2")));
    }

    [Fact]
    public void The_networks_of_a_member_that_were_used_last_are_known()
    {
        _known.Note(Member, "home");
        for (var i = 0; i < KnownNetworks.MostPerAccount; i++)
        {
            _known.Note(Member, $"hotel {i}");
            if (i < 5)
                _known.Note(Member, "home");
        }
        Assert.True(_known.Knows(Member, "home"));
        Assert.False(_known.Knows(Member, "hotel 0"));
        Assert.True(_known.Knows(Member, "hotel 1"));
        Assert.False(_known.Knows(new AccountId(ObjectId.New()), "home"));
    }

    private SignInLimits BehindProxies(params string[] networks)
    {
        var proxies = new ForwardedHeadersOptions();
        proxies.KnownIPNetworks.Clear();
        foreach (var network in networks)
            proxies.KnownIPNetworks.Add(IPNetwork.Parse(network));
        return new SignInLimits(Options.Create(_options), Options.Create(proxies), _known, _time);
    }

    private void Guess(int times)
    {
        for (var i = 0; i < times; i++)
            Assert.True(_limits.AllowsGuess(Member, From($"198.51.100.{i % 256}")));
    }

    private void Fail(string client, int times)
    {
        for (var i = 0; i < times; i++)
            _limits.CountFailure(From(client));
    }

    /// <summary>Seconds to wait, when it is refused.</summary>
    private async Task<string?> RefusalAsync(string client)
    {
        var http = From(client);
        var answer = await SignInLimits.ApplyAsync(EndpointFilterInvocationContext.Create(http), _ => ValueTask.FromResult<object?>("let through"));
        if (answer is not ProblemHttpResult refused)
            return null;
        Assert.Equal(StatusCodes.Status429TooManyRequests, refused.StatusCode);
        return http.Response.Headers.RetryAfter;
    }

    private DefaultHttpContext From(string client) => new()
    {
        RequestServices = new ServiceCollection().AddSingleton(_limits).BuildServiceProvider(),
        Connection = { RemoteIpAddress = IPAddress.Parse(client) },
    };
}
