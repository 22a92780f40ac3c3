using System.Net;
using Appliance.Server.Admin;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Appliance.Server.Hosting;

/// <summary>
/// Proxies in front of the web (<c>Web:TrustedProxies</c>) say with X-Forwarded-For, -Proto and -Host who asks and at which origin; nobody else's
/// headers are believed. Of several addresses the last one counts that is none of these proxies.
/// </summary>
internal static class ReverseProxies
{
    private static readonly string[] ThisMachine = ["127.0.0.0/8", "::1"];

    public static IServiceCollection AddReverseProxies(this IServiceCollection services)
    {
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<AdminOptions>>((forwarded, web) => Configure(forwarded, web.Value.TrustedProxies));
        return services;
    }

    private static void Configure(ForwardedHeadersOptions forwarded, string proxies)
    {
        var named = proxies.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        forwarded.ForwardedHeaders = named.Length > 0 ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost : ForwardedHeaders.None;
        forwarded.ForwardLimit = null;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        // Where none is named nothing is believed, but SignInLimits bans none of these: everybody may come through a proxy on this machine.
        foreach (var network in named.Length > 0 ? named : ThisMachine)
            forwarded.KnownIPNetworks.Add(NetworkOf(network));
    }

    private static IPNetwork NetworkOf(string text) =>
        IPAddress.TryParse(text, out var single) ? new IPNetwork(single, single.GetAddressBytes().Length * 8) : IPNetwork.Parse(text);
}
