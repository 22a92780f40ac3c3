using System.Net;
using Appliance.Mail.Smtp;
using Appliance.Server.Accounts;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>
/// Whoever tries address after address to find out which exist is answered more and more slowly, then dropped, then not listened to for a while. Counted for each
/// network (an IPv4 address, an IPv6 /64) within ten minutes. A few mistakes cost nothing. An IPv6 /48 has four times as many: a single customer may hold it, or several share it.
/// </summary>
internal sealed class UnknownRecipients(IOptions<MxOptions> options, TimeProvider time)
{
    private const int Forgiven = 3;
    private const int NetworksOfSite = 4;
    private static readonly TimeSpan DelayEach = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private readonly Tallies<string> _networks = new(TimeSpan.FromMinutes(10), time);

    internal int Networks => _networks.Keys;

    private int Most => options.Value.MaxUnknownRecipients;

    /// <summary>Counts one more; how long to wait before saying so, or null: it was one too many, and the network is banned from now on.</summary>
    public TimeSpan? Count(IPAddress client)
    {
        var (network, site) = (ClientNetwork.Of(client), ClientNetwork.SiteOf(client));
        var unknown = Add(network, Most);
        var unknownOfSite = site == network ? 0 : Add(site, NetworksOfSite * Most);
        if (unknown > Most || unknownOfSite > NetworksOfSite * Most)
            return null;
        var delay = DelayEach * Math.Max(0, Math.Max(unknown, unknownOfSite / NetworksOfSite) - Forgiven);
        return delay < LongestDelay ? delay : LongestDelay;
    }

    public bool IsBanned(IPAddress client)
    {
        var (network, site) = (ClientNetwork.Of(client), ClientNetwork.SiteOf(client));
        return _networks.Of(network) > Most || (site != network && _networks.Of(site) > NetworksOfSite * Most);
    }

    private int Add(string key, int most)
    {
        var count = _networks.Add(key);
        if (count > most)
            _networks.Keep(key, TimeSpan.FromMinutes(options.Value.BanMinutes));
        return count;
    }
}
