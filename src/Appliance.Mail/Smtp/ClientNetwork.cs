using System.Net;
using System.Net.Sockets;

namespace Appliance.Mail.Smtp;

/// <summary>Whom limits count as one client: an IPv4 address, or an IPv6 /64, which one customer of a provider usually holds whole.</summary>
public static class ClientNetwork
{
    public static string Of(IPAddress address) => Of(address, ipv6Bytes: 8);

    /// <summary>An IPv4 address, or an IPv6 /48: as much as one customer may hold, though several may share it.</summary>
    public static string SiteOf(IPAddress address) => Of(address, ipv6Bytes: 6);

    private static string Of(IPAddress address, int ipv6Bytes)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, ipv6Bytes))
            : address.ToString();
    }
}
