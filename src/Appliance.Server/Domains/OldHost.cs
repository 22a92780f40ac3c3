using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Appliance.Mail.Addresses;

namespace Appliance.Server.Domains;

/// <summary>The mail server that a domain is moving away from.</summary>
/// <param name="Name">A host name, or an address (IPv6 without brackets).</param>
public sealed record OldHost(string Name, int Port)
{
    private const int DefaultPort = 25;

    /// <summary><c>HOST</c> or <c>HOST:PORT</c>; an IPv6 address stands in brackets.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out OldHost? host)
    {
        host = null;
        var colon = text.LastIndexOf(':');
        var hasPort = colon > text.LastIndexOf(']');
        var port = DefaultPort;
        if (hasPort && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65_535))
            return false;
        var name = hasPort ? text[..colon] : text;
        if (name is ['[', .. var inside, ']'])
            host = IPAddress.TryParse(inside, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? new OldHost(address.ToString(), port) : null;
        else if (IPAddress.TryParse(name, out var address) && address.AddressFamily == AddressFamily.InterNetwork)
            host = new OldHost(address.ToString(), port);
        else if (MailDomain.TryParse(name, out var domain) && domain.Literal is null)
            host = new OldHost(domain.Ascii, port);
        return host is not null;
    }

    public DnsEndPoint EndPoint => new(Name, Port);

    public override string ToString() => (Name.Contains(':') ? $"[{Name}]" : Name) + (Port == DefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{Port}"));
}
