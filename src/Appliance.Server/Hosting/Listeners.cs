using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Server.Admin;
using Appliance.Server.Certificates;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Appliance.Server.Hosting;

/// <summary>Binds web and control socket to Kestrel, and says which port the web got.</summary>
internal static class Listeners
{
    public static void Configure(KestrelServerOptions kestrel, ListenerOptions options, string dataPath)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        // Kestrel asks for this before the store is open, so services are looked up when a connection needs them.
        var services = kestrel.ApplicationServices;
        var web = HostAndPort.Parse(options.Web);
        Bind(kestrel, web, listener =>
        {
            if (!web.IsLoopback)
                listener.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = handshake => ValueTask.FromResult(services.GetRequiredService<TlsCertificates>().For(handshake.ClientHelloInfo.ServerName)),
                });
        });
        ListenForControl(kestrel, dataPath);
    }

    /// <summary>The bound address of the web, as <c>HOST:PORT</c>.</summary>
    public static string BoundWeb(IServer server, ListenerOptions options)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()!.Addresses;
        return (HostAndPort.Parse(options.Web) with { Port = BindingAddress.Parse(addresses.First()).Port }).ToString();
    }

    private static void Bind(KestrelServerOptions kestrel, HostAndPort at, Action<ListenOptions> configure)
    {
        // A free port cannot be had on both loopback addresses at once.
        if (at.Host == "localhost" && at.Port != 0)
            kestrel.ListenLocalhost(at.Port, configure);
        else if (at.Host == "*")
            kestrel.ListenAnyIP(at.Port, configure);
        else
            kestrel.Listen(at.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(at.Host), at.Port, configure);
    }

    private static void ListenForControl(KestrelServerOptions kestrel, string dataPath)
    {
        if (OperatingSystem.IsWindows())
        {
            kestrel.ListenNamedPipe(ControlAddress.PipeName(dataPath), Mark);
            return;
        }
        kestrel.ListenUnixSocket(ControlAddress.SocketPath(dataPath), Mark);

        static void Mark(ListenOptions listener) => listener.Use(next => connection =>
        {
            connection.Features.Set(new ControlConnection());
            return next(connection);
        });
    }
}

/// <summary>The content of <c>run/ports.json</c>.</summary>
internal sealed record BoundPorts(string Mx, string Web, string? Lmtp = null)
{
    public static string PathIn(DataFolder folder) => Path.Combine(folder.RunFolder, "ports.json");

    public static BoundPorts Read(DataFolder folder) =>
        JsonSerializer.Deserialize<BoundPorts>(File.ReadAllBytes(PathIn(folder)), BoundPortsJson.Default.BoundPorts)!;

    /// <summary>Written whole or not at all, so that who waits for the file reads it complete.</summary>
    public void Write(DataFolder folder)
    {
        var path = PathIn(folder);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, BoundPortsJson.Default.BoundPorts));
        File.Move(path + ".new", path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BoundPorts))]
internal sealed partial class BoundPortsJson : JsonSerializerContext;
