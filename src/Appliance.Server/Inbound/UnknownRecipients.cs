using System.Net;
using Appliance.Mail.Smtp;
using Appliance.Server.Accounts;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>
/// Whoever tries address after address to find out which exist is answered more and more slowly, then dropped, then not listened to for a while. Counted for each
/// network (an IPv4 address, an IPv6 /64) within ten minutes. A few mistakes cost nothing.
/// </summary>
internal sealed class UnknownRecipients(IOptions<MxOptions> options, TimeProvider time)
{
    private const int Forgiven = 3;
    private static readonly TimeSpan DelayEach = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private readonly Tallies<string> _networks = new(TimeSpan.FromMinutes(10), time);

    internal int Networks => _networks.Keys;

    /// <summary>Counts one more; how long to wait before saying so, or null: it was one too many, and the network is banned from now on.</summary>
    public TimeSpan? Count(IPAddress client)
    {
        var network = ClientNetwork.Of(client);
        var unknown = _networks.Add(network);
        if (unknown > options.Value.MaxUnknownRecipients)
        {
            _networks.Keep(network, TimeSpan.FromMinutes(options.Value.BanMinutes));
            return null;
        }
        var delay = DelayEach * Math.Max(0, unknown - Forgiven);
        return delay < LongestDelay ? delay : LongestDelay;
    }

    public bool IsBanned(IPAddress client) => _networks.Of(ClientNetwork.Of(client)) > options.Value.MaxUnknownRecipients;
}
