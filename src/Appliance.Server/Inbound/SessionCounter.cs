using System.Collections.Concurrent;
using System.Net;
using Appliance.Mail.Smtp;

namespace Appliance.Server.Inbound;

/// <summary>
/// Counts running sessions, in all and for each client network. Few networks do not take all the room: one that has sessions gets another only while as many places are free as it has, and so does
/// an IPv6 /48 as a whole, which a single customer may hold.
/// </summary>
internal sealed class SessionCounter(int most, int mostPerNetwork)
{
    private readonly ConcurrentDictionary<string, int> _perNetwork = new();
    private int _all;

    /// <summary>False when this session would be one too many; otherwise call <see cref="Leave"/> when it ends.</summary>
    /// <param name="mayFill">It need not leave places for others, such as a relay that everybody's mail comes through.</param>
    public bool TryEnter(IPAddress address, bool mayFill = false)
    {
        var free = most - Interlocked.Increment(ref _all);
        var (network, site) = (ClientNetwork.Of(address), ClientNetwork.SiteOf(address));
        if (free >= 0)
        {
            var before = Enter(network) - 1;
            var fits = before < mostPerNetwork && (mayFill || before <= free);
            if (site != network && Enter(site) - 1 > free && !mayFill)
                fits = false;
            if (fits)
                return true;
            LeaveNetworks(network, site);
        }
        Interlocked.Decrement(ref _all);
        return false;
    }

    public void Leave(IPAddress address)
    {
        LeaveNetworks(ClientNetwork.Of(address), ClientNetwork.SiteOf(address));
        Interlocked.Decrement(ref _all);
    }

    private int Enter(string network) => _perNetwork.AddOrUpdate(network, 1, static (_, count) => count + 1);

    private void LeaveNetworks(string network, string site)
    {
        LeaveNetwork(network);
        if (site != network)
            LeaveNetwork(site);
    }

    private void LeaveNetwork(string network)
    {
        if (_perNetwork.AddOrUpdate(network, 0, static (_, count) => count - 1) == 0)
            _perNetwork.TryRemove(KeyValuePair.Create(network, 0));
    }
}
