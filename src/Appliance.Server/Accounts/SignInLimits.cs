using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Appliance.Mail.Smtp;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Accounts;

/// <summary>Slows down guessing: per client network and per address, in memory. A network that fails again and again is banned for a while.</summary>
internal sealed class SignInLimits(IOptions<SignInOptions> options, IOptions<ForwardedHeadersOptions> proxies, TimeProvider time) : IDisposable
{
    private readonly Tallies<string> _failures = new(TimeSpan.FromHours(1), time);

    private readonly PartitionedRateLimiter<IPAddress> _networks = PartitionedRateLimiter.Create<IPAddress, string>(address =>
        RateLimitPartition.GetSlidingWindowLimiter(ClientNetwork.Of(address), _ => Window(options.Value.RequestsPerMinute, TimeSpan.FromMinutes(1))));

    private readonly PartitionedRateLimiter<string> _addresses = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetSlidingWindowLimiter(address, _ => Window(options.Value.AttemptsPerAddress, TimeSpan.FromMinutes(10))));

    public bool AllowsAttempt(string address) => _addresses.AttemptAcquire(address).IsAcquired;

    /// <summary>Counts a proof that was wrong.</summary>
    public void CountFailure(HttpContext http)
    {
        var client = ClientOf(http);
        if (MayBeEverybody(client))
            return;
        var network = ClientNetwork.Of(client);
        if (_failures.Add(network) > options.Value.MaxFailures)
            _failures.Keep(network, BanTime);
    }

    /// <summary>An endpoint filter: 429 with Retry-After once a network asks too often, or has failed too often.</summary>
    public static ValueTask<object?> ApplyAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var limits = http.RequestServices.GetRequiredService<SignInLimits>();
        if (limits.IsBanned(ClientOf(http)))
            return ValueTask.FromResult<object?>(SlowDown(http, limits.BanTime));
        return limits._networks.AttemptAcquire(ClientOf(http)).IsAcquired
            ? next(context)
            : ValueTask.FromResult<object?>(SlowDown(http, TimeSpan.FromMinutes(1)));
    }

    private TimeSpan BanTime => TimeSpan.FromMinutes(options.Value.BanMinutes);

    private bool IsBanned(IPAddress client) => _failures.Of(ClientNetwork.Of(client)) > options.Value.MaxFailures;

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

    public void Dispose()
    {
        _networks.Dispose();
        _addresses.Dispose();
    }

    private static SlidingWindowRateLimiterOptions Window(int permits, TimeSpan window) =>
        new() { PermitLimit = permits, Window = window, SegmentsPerWindow = 10, QueueLimit = 0 };
}
