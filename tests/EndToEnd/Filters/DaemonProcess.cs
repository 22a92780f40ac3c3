using System.Diagnostics;
using System.Net;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Filters;

/// <summary>A filter of others on a free port of loopback, with all it has in a folder of its own.</summary>
public abstract class DaemonProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private Process? _process;

    protected string Root { get; } = Directory.CreateTempSubdirectory("appliance-filter-").FullName;

    public IPEndPoint Address { get; } = Loopback.FreePort();

    protected abstract string LogPath { get; }

    /// <summary>Stops it where it is: what connects is taken by the kernel, and waits.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    /// <summary>Ends it and its children without a word.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected async Task StartAsync(string program, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Until.TrueAsync(() => Loopback.Answers(Address), Patience, () => File.Exists(LogPath) ? File.ReadAllText(LogPath) : $"{program} wrote no log");
    }

    /// <summary>To it and its children.</summary>
    private async Task SignalAsync(string signal)
    {
        await new Command("pkill", signal, "-P", $"{_process!.Id}").RunAsync(); // it may have none
        (await new Command("kill", signal, $"{_process.Id}").RunAsync()).Succeeded();
    }
}

/// <summary>rspamd with nothing but its own test for GTUBE.</summary>
public sealed class RspamdServer : DaemonProcess
{
    protected override string LogPath => Path.Combine(Root, "log");

    public static async Task<RspamdServer> StartAsync()
    {
        var program = Peer.Need("rspamd");
        var server = new RspamdServer();
        var conf = Path.Combine(server.Root, "conf");
        await File.WriteAllTextAsync(conf, $$"""
            options { pidfile = "{{server.Root}}/pid"; filters = ""; temp_dir = "{{server.Root}}"; control_socket = "{{server.Root}}/control mode=0600"; dns { nameserver = ["127.0.0.1:9"]; timeout = 1s; } }
            logging { type = "file"; filename = "{{server.LogPath}}"; level = "info"; }
            worker "normal" { bind_socket = "{{server.Address}}"; count = 1; }
            actions { reject = 15; add_header = 6; }

            """);
        await server.StartAsync(program, "-f", "-i", "-c", conf);
        return server;
    }
}

/// <summary>clamd that knows one signature, EICAR's.</summary>
public sealed class ClamdServer : DaemonProcess
{
    /// <summary>https://www.eicar.org: what every scanner finds and nobody is harmed by.</summary>
    public const string Eicar = @"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    protected override string LogPath => Path.Combine(Root, "log");

    public string Configuration => Path.Combine(Root, "conf");

    public static async Task<ClamdServer> StartAsync()
    {
        var program = Peer.Need("clamd");
        var server = new ClamdServer();
        foreach (var folder in new[] { "signatures", "temporary" })
            Directory.CreateDirectory(Path.Combine(server.Root, folder));
        await File.WriteAllTextAsync(Path.Combine(server.Root, "signatures", "test.ndb"), $"Eicar-Test:0:*:{Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(Eicar))}\n");
        await File.WriteAllTextAsync(server.Configuration, $"""
            TCPSocket {server.Address.Port}
            TCPAddr 127.0.0.1
            DatabaseDirectory {server.Root}/signatures
            TemporaryDirectory {server.Root}/temporary
            StreamMaxLength 1M
            Foreground yes
            LogFile {server.LogPath}

            """);
        await server.StartAsync(program, "-c", server.Configuration);
        return server;
    }
}
