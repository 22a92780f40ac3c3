using Appliance.Server.Admin;
using Appliance.Server.Inbound;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Hosting;

/// <summary>
/// Proxies in front of the web (<c>Web:TrustedProxies</c>) say with X-Forwarded-For, -Proto and -Host who asks and at which origin; nobody else's
/// headers are believed. Of several addresses the last one counts that is none of these proxies.
/// </summary>
internal static class ReverseProxies
{
    private const string ThisMachine = "127.0.0.0/8 ::1";

    public static IServiceCollection AddReverseProxies(this IServiceCollection services)
    {
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<AdminOptions>>((forwarded, web) => Configure(forwarded, web.Value.TrustedProxies));
        return services;
    }

    private static void Configure(ForwardedHeadersOptions forwarded, string proxies)
    {
        var named = Networks.Parse(proxies).All;
        forwarded.ForwardedHeaders = named.Count > 0 ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost : ForwardedHeaders.None;
        forwarded.ForwardLimit = null;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        // Where none is named nothing is believed, but SignInLimits bans none of these: everybody may come through a proxy on this machine.
        foreach (var network in named.Count > 0 ? named : Networks.Parse(ThisMachine).All)
            forwarded.KnownIPNetworks.Add(network);
    }
}
