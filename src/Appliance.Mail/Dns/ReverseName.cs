using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Appliance.Mail.Dns;

/// <summary>Addresses as names: <c>1.2.0.192</c>, and nibbles for IPv6 (RFC 1035 §3.5, RFC 3596 §2.5).</summary>
public static class ReverseName
{
    /// <summary>Below <c>in-addr.arpa</c> or <c>ip6.arpa</c>.</summary>
    public static string Of(IPAddress address) => Labels(address) + (address.AddressFamily == AddressFamily.InterNetwork ? ".in-addr.arpa" : ".ip6.arpa");

    /// <summary>The labels alone, as lists of addresses have them (RFC 5782 §2.1, §2.4).</summary>
    public static string Labels(IPAddress address)
    {
        var octets = address.GetAddressBytes().Reverse();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? string.Join('.', octets)
            : string.Join('.', octets.SelectMany(octet => new[] { octet & 15, octet >> 4 }).Select(nibble => nibble.ToString("x", CultureInfo.InvariantCulture)));
    }
}
