using System.Diagnostics;
using System.Net;
using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Reputation;

/// <summary>A real name server (NSD) that serves one zone, the root, from the text of its zone file.</summary>
public sealed class NsdServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly string _root = Directory.CreateTempSubdirectory("appliance-nsd-").FullName;
    private Process? _process;

    public IPEndPoint Address { get; } = Loopback.FreePort();

    /// <param name="records">Lines of a zone file; names end with a dot.</param>
    public static async Task<NsdServer> StartAsync(string records)
    {
        var program = Peer.Need("nsd");
        var server = new NsdServer();
        await File.WriteAllTextAsync(Path.Combine(server._root, "zone"), $"$ORIGIN .\n$TTL 300\n@ SOA ns.example. host.example. 1 3600 600 86400 300\n@ NS ns.example.\nns.example. A 127.0.0.1\n{records}\n");
        await File.WriteAllTextAsync(Path.Combine(server._root, "conf"), $"""
            server:
              ip-address: 127.0.0.1
              port: {server.Address.Port}
              username: ""
              chroot: ""
              zonesdir: "{server._root}"
              pidfile: "{server._root}/pid"
              xfrdfile: ""
              zonelistfile: "{server._root}/zones"
              xfrdir: "{server._root}"
              logfile: "{server._root}/log"
            remote-control:
              control-enable: no
            zone:
              name: "."
              zonefile: "zone"

            """);
        server._process = Process.Start(new ProcessStartInfo(program, ["-d", "-c", Path.Combine(server._root, "conf")]) { RedirectStandardError = true })!;
        try
        {
            await Until.TrueAsync(() => Loopback.Answers(server.Address), Patience, server.Log);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string Log() => File.Exists(Path.Combine(_root, "log")) ? File.ReadAllText(Path.Combine(_root, "log"), Encoding.UTF8) : "";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        Directory.Delete(_root, recursive: true);
    }
}
