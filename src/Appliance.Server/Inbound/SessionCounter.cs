using System.Collections.Concurrent;
using System.Net;

namespace Appliance.Server.Inbound;

/// <summary>Counts running sessions, in all and for each client address.</summary>
internal sealed class SessionCounter(int most, int mostPerAddress)
{
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private int _all;

    /// <summary>False when this session would be one too many; otherwise call <see cref="Leave"/> when it ends.</summary>
    public bool TryEnter(IPAddress address)
    {
        if (Interlocked.Increment(ref _all) <= most)
        {
            if (_perAddress.AddOrUpdate(address, 1, static (_, count) => count + 1) <= mostPerAddress)
                return true;
            LeaveAddress(address);
        }
        Interlocked.Decrement(ref _all);
        return false;
    }

    public void Leave(IPAddress address)
    {
        LeaveAddress(address);
        Interlocked.Decrement(ref _all);
    }

    private void LeaveAddress(IPAddress address)
    {
        if (_perAddress.AddOrUpdate(address, 0, static (_, count) => count - 1) == 0)
            _perAddress.TryRemove(KeyValuePair.Create(address, 0));
    }
}
