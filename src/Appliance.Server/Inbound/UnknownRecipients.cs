using System.Collections.Concurrent;
using System.Net;
using Appliance.Server.Accounts;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>
/// Whoever tries address after address to find out which exist is answered more and more slowly, then dropped, then not listened to for a while. Counted for each
/// network (an IPv4 address, an IPv6 /64) within ten minutes, in memory only. A few mistakes cost nothing.
/// </summary>
internal sealed class UnknownRecipients(IOptions<MxOptions> options, TimeProvider time)
{
    /// <summary>Networks that are remembered; past it those whose time is over are forgotten, or all.</summary>
    internal const int MostNetworks = 50_000;

    private const int Forgiven = 3;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan DelayEach = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Tally> _networks = new();

    internal int Networks => _networks.Count;

    /// <summary>Counts one more; how long to wait before saying so, or null: it was one too many, and the network is banned from now on.</summary>
    public TimeSpan? Count(IPAddress client)
    {
        var now = time.GetUtcNow();
        if (_networks.Count >= MostNetworks)
            MakeRoom(now);
        var count = _networks.AddOrUpdate(
            ClientNetwork.Of(client),
            _ => new Tally(1, now + Window),
            (_, before) => before.Until <= now ? new Tally(1, now + Window) : before with { Unknown = before.Unknown + 1 });
        if (count.Unknown > options.Value.MaxUnknownRecipients)
        {
            _networks[ClientNetwork.Of(client)] = count with { Until = now + TimeSpan.FromMinutes(options.Value.BanMinutes) };
            return null;
        }
        var delay = DelayEach * Math.Max(0, count.Unknown - Forgiven);
        return delay < LongestDelay ? delay : LongestDelay;
    }

    public bool IsBanned(IPAddress client) =>
        _networks.TryGetValue(ClientNetwork.Of(client), out var count) && count.Unknown > options.Value.MaxUnknownRecipients && count.Until > time.GetUtcNow();

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (network, count) in _networks)
            if (count.Until <= now)
                _networks.TryRemove(KeyValuePair.Create(network, count));
        if (_networks.Count >= MostNetworks)
            _networks.Clear();
    }

    /// <param name="Until">The end of the window, or of the ban.</param>
    private sealed record Tally(int Unknown, DateTimeOffset Until);
}
