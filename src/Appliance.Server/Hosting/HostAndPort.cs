using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Appliance.Server.Hosting;

/// <summary>Where a listener is bound: <c>HOST:PORT</c>, HOST an IP address, <c>localhost</c> or <c>*</c> (every address); port 0: a free one.</summary>
public sealed record HostAndPort(string Host, int Port)
{
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    public static bool TryParse(string? text, [NotNullWhen(true)] out HostAndPort? value)
    {
        value = null;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
            return false;
        var host = text![..colon].Trim('[', ']');
        if (host is not ("localhost" or "*") && !IPAddress.TryParse(host, out _))
            return false;
        value = new HostAndPort(host, port);
        return true;
    }

    /// <exception cref="FormatException">Not HOST:PORT.</exception>
    public static HostAndPort Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException($"\"{text}\" is not HOST:PORT, such as localhost:8080 or *:25.");

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
