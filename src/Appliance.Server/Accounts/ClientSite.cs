using System.Net;
using Appliance.Mail.Smtp;

namespace Appliance.Server.Accounts;

/// <summary>Whom a request comes from, as a whole (<see cref="ClientNetwork.SiteOf"/>).</summary>
internal static class ClientSite
{
    public static string Of(HttpContext http) => ClientNetwork.SiteOf(http.Connection.RemoteIpAddress ?? IPAddress.None);
}
