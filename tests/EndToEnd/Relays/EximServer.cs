using System.Globalization;
using System.Net;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Relays;

/// <summary>An Exim of its own, unpacked beside the Postfix with which its package cannot be installed. It must be started by root.</summary>
public sealed class EximServer : RelayServer
{
    private string _exim = "";

    public static async Task<EximServer> StartAsync(IPEndPoint nextHop)
    {
        var exim = Peer.Need("exim4");
        Assert.SkipUnless(Environment.UserName == "root" || Environment.GetEnvironmentVariable("CI") == "true", "Exim is started by root");
        var server = new EximServer { _exim = File.ResolveLinkTarget(exim, returnFinalTarget: true)?.FullName ?? exim };
        (await new Command("chmod", "755", server.Root).RunAsync()).Succeeded();
        foreach (var folder in new[] { "spool", "log" })
        {
            Directory.CreateDirectory(Path.Combine(server.Root, folder));
            (await new Command("chown", "Debian-exim", Path.Combine(server.Root, folder)).RunAsync()).Succeeded();
        }
        await File.WriteAllTextAsync(server.Configuration, $"""
            exim_path = {server._exim}
            spool_directory = {server.Root}/spool
            log_file_path = {server.Root}/log/%slog
            pid_file_path = {server.Root}/spool/pid
            primary_hostname = exim.example
            daemon_smtp_ports = {server.Address.Port}
            local_interfaces = 127.0.0.1
            acl_smtp_rcpt = accept
            host_lookup =
            tls_advertise_hosts =
            keep_environment =

            begin routers
            all:
              driver = manualroute
              domains = *
              transport = out
              route_list = * {nextHop.Address}::{nextHop.Port}
              self = send

            begin transports
            out:
              driver = smtp
              hosts_require_tls = *
              tls_verify_hosts =
              tls_try_verify_hosts =

            begin retry
            * * F,1h,1s

            """);
        (await server.RunAsync("-bd")).Succeeded();
        // It goes into the background first, and listens then.
        await Until.TrueAsync(() => Loopback.Answers(server.Address), TimeSpan.FromSeconds(30), () => File.Exists(server.MainLog) ? server.Log() : "Exim wrote no log");
        return server;
    }

    public override async Task FlushAsync() => (await RunAsync("-qff")).Succeeded();

    public override async Task<bool> IsDoneAsync() => (await RunAsync("-bpc")).Succeeded().Text.Trim() == "0";

    public override string Log() => File.ReadAllText(MainLog);

    protected override async Task StopAsync()
    {
        var pid = Path.Combine(Root, "spool", "pid");
        if (File.Exists(pid))
            await new Command("kill", int.Parse(await File.ReadAllTextAsync(pid), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)).RunAsync();
    }

    private string MainLog => Path.Combine(Root, "log", "mainlog");

    private string Configuration => Path.Combine(Root, "exim.conf");

    private Task<CommandResult> RunAsync(string argument) => new Command(_exim, "-C", Configuration, argument).RunAsync();
}
