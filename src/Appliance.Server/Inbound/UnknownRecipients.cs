using System.Net;
using Appliance.Mail.Smtp;
using Appliance.Server.Accounts;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>
/// Whoever tries address after address to find out which exist is answered more and more slowly, then dropped, then not listened to for a while. Counted for each
/// network (an IPv4 address, an IPv6 /64) within ten minutes. A few mistakes cost nothing. An IPv6 /48 has four times as many: a single customer may hold it, or several share it.
/// Bounces are counted by themselves, and cost no more than bounces: whoever forges addresses of ours has honest servers send them by the hundred. Who guesses by them learns as much again.
/// </summary>
internal sealed class UnknownRecipients(IOptions<MxOptions> options, TimeProvider time)
{
    private const int Forgiven = 3;
    private const int NetworksOfSite = 4;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan DelayEach = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private readonly Tallies<string> _guesses = new(Window, time);
    private readonly Tallies<string> _bounces = new(Window, time);

    internal int Networks => _guesses.Keys;

    private int Most => options.Value.MaxUnknownRecipients;

    /// <summary>Counts one more; how long to wait before saying so, or null: it was one too many, and the network is banned from now on, or its bounces are.</summary>
    public TimeSpan? Count(IPAddress client, bool asBounces = false)
    {
        var counts = asBounces ? _bounces : _guesses;
        var (network, site) = (ClientNetwork.Of(client), ClientNetwork.SiteOf(client));
        var unknown = Add(counts, network, Most);
        var unknownOfSite = site == network ? 0 : Add(counts, site, NetworksOfSite * Most);
        if (unknown > Most || unknownOfSite > NetworksOfSite * Most)
            return null;
        var delay = DelayEach * Math.Max(0, Math.Max(unknown, unknownOfSite / NetworksOfSite) - Forgiven);
        return delay < LongestDelay ? delay : LongestDelay;
    }

    public bool IsBanned(IPAddress client, bool asBounces = false)
    {
        var counts = asBounces ? _bounces : _guesses;
        var (network, site) = (ClientNetwork.Of(client), ClientNetwork.SiteOf(client));
        return counts.Of(network) > Most || (site != network && counts.Of(site) > NetworksOfSite * Most);
    }

    private int Add(Tallies<string> counts, string key, int most)
    {
        var count = counts.Add(key);
        if (count > most)
            counts.Keep(key, TimeSpan.FromMinutes(options.Value.BanMinutes));
        return count;
    }
}
