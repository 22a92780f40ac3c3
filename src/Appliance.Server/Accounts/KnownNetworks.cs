using System.Collections.Concurrent;
using Appliance.Crypto.Formats;

namespace Appliance.Server.Accounts;

/// <summary>On which networks (<see cref="ClientSite"/>) each account was signed in since the service started, the latest first. In memory only.</summary>
internal sealed class KnownNetworks
{
    internal const int MostPerAccount = 20;

    private readonly ConcurrentDictionary<AccountId, string[]> _networks = new();

    public void Note(AccountId account, string network) => _networks.AddOrUpdate(
        account,
        static (_, added) => [added],
        static (_, known, added) => known[0] == added ? known : [added, .. known.Where(other => other != added).Take(MostPerAccount - 1)],
        network);

    public bool Knows(AccountId account, string network) => _networks.TryGetValue(account, out var known) && known.Contains(network);
}
