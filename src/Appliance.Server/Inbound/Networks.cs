using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Appliance.Server.Inbound;

/// <summary>Networks as settings name them: <c>192.0.2.0/24 2001:db8::1</c>, with spaces between; an address by itself is a network of one.</summary>
internal sealed class Networks
{
    private readonly IPNetwork[] _networks;

    private Networks(IPNetwork[] networks) => _networks = networks;

    public IReadOnlyList<IPNetwork> All => _networks;

    /// <exception cref="FormatException">Validation comes first.</exception>
    public static Networks Parse(string list) => TryParse(list, out var networks) ? networks : throw new FormatException($"\"{list}\" is no list of networks");

    public static bool TryParse(string list, [NotNullWhen(true)] out Networks? networks)
    {
        networks = null;
        var found = new List<IPNetwork>();
        foreach (var word in list.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(word, out var single))
                found.Add(new IPNetwork(single, single.GetAddressBytes().Length * 8));
            else if (IPNetwork.TryParse(word, out var network))
                found.Add(network);
            else
                return false;
        }
        networks = new Networks([.. found]);
        return true;
    }

    public static string Complaint(string setting, string list) => $"{setting} is \"{list}\"; write networks such as 127.0.0.0/8 ::1/128, with spaces between.";

    public bool Contain(IPAddress address)
    {
        if (_networks.Length == 0)
            return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_networks, network => network.Contains(plain));
    }
}
