using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Accounts;

/// <summary>Slows down guessing: per client network and per address, in memory.</summary>
internal sealed class SignInLimits(IOptions<SignInOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _networks = PartitionedRateLimiter.Create<IPAddress, string>(address =>
        RateLimitPartition.GetSlidingWindowLimiter(ClientNetwork.Of(address), _ => Window(options.Value.RequestsPerMinute, TimeSpan.FromMinutes(1))));

    private readonly PartitionedRateLimiter<string> _addresses = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetSlidingWindowLimiter(address, _ => Window(options.Value.AttemptsPerAddress, TimeSpan.FromMinutes(10))));

    public bool AllowsAttempt(string address) => _addresses.AttemptAcquire(address).IsAcquired;

    /// <summary>An endpoint filter: 429 with Retry-After once a network asks too often.</summary>
    public static ValueTask<object?> ApplyAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var limits = http.RequestServices.GetRequiredService<SignInLimits>();
        return limits._networks.AttemptAcquire(http.Connection.RemoteIpAddress ?? IPAddress.None).IsAcquired
            ? next(context)
            : ValueTask.FromResult<object?>(SlowDown(http, TimeSpan.FromMinutes(1)));
    }

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
