using System.Net;
using Appliance.Mail.Smtp;

namespace Appliance.Server.Accounts;

/// <summary>Whom a single customer of a provider may be as a whole: an IPv4 address, or an IPv6 /48 with all its networks.</summary>
internal static class ClientSite
{
    private const int HexDigits = 48 / 4;

    public static string Of(IPAddress address) =>
        ClientNetwork.Of(address) is var network && network.Contains('.', StringComparison.Ordinal) ? network : network[..HexDigits];

    public static string Of(HttpContext http) => Of(http.Connection.RemoteIpAddress ?? IPAddress.None);
}
