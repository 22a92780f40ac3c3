using System.Collections.Concurrent;
using System.Net;
using Appliance.Mail.Smtp;

namespace Appliance.Server.Inbound;

/// <summary>Counts running sessions, in all and for each client network.</summary>
internal sealed class SessionCounter(int most, int mostPerNetwork)
{
    private readonly ConcurrentDictionary<string, int> _perNetwork = new();
    private int _all;

    /// <summary>False when this session would be one too many; otherwise call <see cref="Leave"/> when it ends.</summary>
    public bool TryEnter(IPAddress address)
    {
        if (Interlocked.Increment(ref _all) <= most)
        {
            var network = ClientNetwork.Of(address);
            if (_perNetwork.AddOrUpdate(network, 1, static (_, count) => count + 1) <= mostPerNetwork)
                return true;
            LeaveNetwork(network);
        }
        Interlocked.Decrement(ref _all);
        return false;
    }

    public void Leave(IPAddress address)
    {
        LeaveNetwork(ClientNetwork.Of(address));
        Interlocked.Decrement(ref _all);
    }

    private void LeaveNetwork(string network)
    {
        if (_perNetwork.AddOrUpdate(network, 0, static (_, count) => count - 1) == 0)
            _perNetwork.TryRemove(KeyValuePair.Create(network, 0));
    }
}
