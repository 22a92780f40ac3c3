using System.Net;
using System.Net.Sockets;

namespace Appliance.Mail.Smtp;

/// <summary>Whom limits count as one client: an IPv4 address, or an IPv6 /64, which one customer of a provider usually holds whole.</summary>
public static class ClientNetwork
{
    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}
