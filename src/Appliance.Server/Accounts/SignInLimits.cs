using System.Globalization;
using System.Net;
using Appliance.Crypto.Formats;
using Appliance.Mail.Smtp;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Accounts;

/// <summary>
/// Slows down guessing, in memory. A network may ask so often a minute and begin so many sign-ins to an account; one that fails again and again is banned for a while. All together may guess
/// <see cref="MostGuesses"/> times an hour at one account, but for networks it is known on: what strangers do keeps no member out there.
/// </summary>
internal sealed class SignInLimits(IOptions<SignInOptions> options, IOptions<ForwardedHeadersOptions> proxies, KnownNetworks known, TimeProvider time)
{
    /// <summary>Proofs that are looked at within an hour for one account, from networks it is not known on.</summary>
    internal const int MostGuesses = 500;

    /// <summary>What an IPv6 /48, which a single customer may hold, may do as a whole: so many times what each of its /64 may.</summary>
    private const int NetworksOfASite = 10;

    private readonly Tallies<string> _requests = new(TimeSpan.FromMinutes(1), time);
    private readonly Tallies<string> _failures = new(TimeSpan.FromHours(1), time);
    private readonly Tallies<(AccountId, string)> _attempts = new(TimeSpan.FromMinutes(10), time);
    private readonly Tallies<AccountId> _guesses = new(TimeSpan.FromHours(1), time);

    internal int Remembered => _requests.Keys + _failures.Keys + _attempts.Keys + _guesses.Keys;

    /// <summary>Counts a sign-in that begins.</summary>
    public bool AllowsAttempt(AccountId account, HttpContext http)
    {
        var site = ClientSite.Of(http);
        return _attempts.Add((account, site)) <= options.Value.AttemptsPerAddress && (known.Knows(account, site) || _guesses.Of(account) < MostGuesses);
    }

    /// <summary>Counts a proof before it is looked at: many may have begun before the first of them was wrong.</summary>
    public bool AllowsGuess(AccountId account, HttpContext http) => known.Knows(account, ClientSite.Of(http)) || _guesses.Add(account) <= MostGuesses;

    /// <summary>Counts a proof that was wrong.</summary>
    public void CountFailure(HttpContext http)
    {
        var client = ClientOf(http);
        if (MayBeEverybody(client))
            return;
        foreach (var (who, times) in CountedAs(client))
            if (_failures.Add(who) > times * options.Value.MaxFailures)
                _failures.Keep(who, BanTime);
    }

    /// <summary>An endpoint filter: 429 with Retry-After once a network asks too often, or has failed too often.</summary>
    public static ValueTask<object?> ApplyAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var limits = http.RequestServices.GetRequiredService<SignInLimits>();
        if (limits.IsBanned(ClientOf(http)))
            return ValueTask.FromResult<object?>(SlowDown(http, limits.BanTime));
        return limits.AllowsRequest(ClientOf(http))
            ? next(context)
            : ValueTask.FromResult<object?>(SlowDown(http, TimeSpan.FromMinutes(1)));
    }

    private TimeSpan BanTime => TimeSpan.FromMinutes(options.Value.BanMinutes);

    private bool IsBanned(IPAddress client) => CountedAs(client).Any(counted => _failures.Of(counted.Who) > counted.Times * options.Value.MaxFailures);

    private bool AllowsRequest(IPAddress client) => CountedAs(client).All(counted => _requests.Add(counted.Who) <= counted.Times * options.Value.RequestsPerMinute);

    /// <summary>Whom a client counts for. Its /48 comes first: of one that has had its share no network is remembered, or it could have the counts of others forgotten.</summary>
    private static IEnumerable<(string Who, int Times)> CountedAs(IPAddress client)
    {
        var (network, site) = (ClientNetwork.Of(client), ClientNetwork.SiteOf(client));
        if (site != network)
            yield return (site, NetworksOfASite);
        yield return (network, 1);
    }

    /// <summary>A proxy that did not say who asks (Hosting/ReverseProxies).</summary>
    private bool MayBeEverybody(IPAddress client)
    {
        var plain = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        return proxies.Value.KnownIPNetworks.Any(network => network.Contains(plain));
    }

    private static IPAddress ClientOf(HttpContext http) => http.Connection.RemoteIpAddress ?? IPAddress.None;

    public static ProblemHttpResult SlowDown(HttpContext http, TimeSpan retryAfter)
    {
        http.Response.Headers.RetryAfter = ((int)retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Problems.Of(StatusCodes.Status429TooManyRequests, "slow-down", "Too many attempts. Wait a little and try again.");
    }
}
