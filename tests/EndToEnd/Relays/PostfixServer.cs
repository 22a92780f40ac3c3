using System.Text;
using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Relays;

/// <summary>A Postfix of its own beside whatever Postfix the machine runs. It must be started by root.</summary>
public sealed class PostfixServer : RelayServer
{
    private string Configuration => Path.Combine(Root, "configuration");

    /// <param name="nextHop">As <c>default_transport</c> takes it, such as <c>lmtp:inet:127.0.0.1:2424</c>.</param>
    public static Task<PostfixServer> StartAsync(string nextHop, string more = "") => StartAsync(nextHop, _ => more);

    /// <summary>One that keeps the mail of some addresses of a domain, has no others there, and speaks TLS.</summary>
    public static Task<PostfixServer> StartWithMailboxesAsync(string domain, params string[] addresses) => StartAsync("error:no relaying", root =>
    {
        TestCertificate.Write(Path.Combine(root, "certificate.pem"), "old.example");
        Directory.CreateDirectory(Path.Combine(root, "mail"));
        return $"""
            virtual_mailbox_domains = {domain}
            virtual_mailbox_base = {root}/mail
            virtual_mailbox_maps = inline:{"{"}{string.Join(", ", addresses.Select(address => $"{address}={address}/"))}{"}"}
            virtual_uid_maps = static:65534
            virtual_gid_maps = static:65534
            smtpd_tls_security_level = may
            smtpd_tls_cert_file = {root}/certificate.pem
            smtpd_tls_key_file = {root}/certificate.pem
            smtpd_tls_received_header = yes
            """;
    });

    /// <summary>The messages of a mailbox, once there are so many.</summary>
    public async Task<IReadOnlyList<string>> MailOfAsync(string address, int atLeast)
    {
        var folder = Path.Combine(Root, "mail", address, "new");
        var files = await Until.SomeAsync(
            () => Task.FromResult(Directory.Exists(folder) && Directory.GetFiles(folder) is { } found && found.Length >= atLeast ? found : null), TimeSpan.FromSeconds(30), Log);
        // Postfix keeps lines as this system ends them.
        return [.. files.Select(file => File.ReadAllText(file, Encoding.Latin1).ReplaceLineEndings("\r\n"))];
    }

    private static async Task<PostfixServer> StartAsync(string nextHop, Func<string, string> more)
    {
        var postfix = Peer.Need("postfix");
        Assert.SkipUnless(Environment.UserName == "root" || Environment.GetEnvironmentVariable("CI") == "true", "Postfix is started by root");
        var server = new PostfixServer();
        foreach (var folder in new[] { "configuration", "queue", "data" })
            Directory.CreateDirectory(Path.Combine(server.Root, folder));
        (await new Command("chmod", "711", server.Root).RunAsync()).Succeeded();
        (await new Command("chown", "postfix", Path.Combine(server.Root, "data")).RunAsync()).Succeeded();
        await File.WriteAllTextAsync(Path.Combine(server.Configuration, "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {server.Root}/queue
            data_directory = {server.Root}/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            myhostname = relay.example
            mydestination =
            mynetworks = 127.0.0.0/8
            default_transport = {nextHop}
            relayhost =
            disable_dns_lookups = yes
            smtp_tls_security_level = encrypt
            alias_maps =
            alias_database =
            smtpd_relay_restrictions = permit_mynetworks, reject
            maillog_file = {server.Root}/log
            maillog_file_prefixes = {server.Root}
            {more(server.Root)}

            """);
        if (Directory.Exists(Path.Combine(server.Root, "mail")))
            (await new Command("chown", "nobody:nogroup", Path.Combine(server.Root, "mail")).RunAsync()).Succeeded();
        string[] services = ["cleanup unix n - n - 0 cleanup", "pickup unix n - n 60 1 pickup", "qmgr unix n - n 300 1 qmgr", "tlsmgr unix - - n 1000? 1 tlsmgr",
            "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "flush unix n - n 1000? 0 flush",
            "proxymap unix - - n - - proxymap", "smtp unix - - n - - smtp", "lmtp unix - - n - - lmtp", "virtual unix - n n - - virtual", "showq unix n - n - - showq", "error unix - - n - - error",
            "retry unix - - n - - error", "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache", "postlog unix-dgram n - n - 1 postlogd"];
        await File.WriteAllLinesAsync(Path.Combine(server.Configuration, "master.cf"), [$"{server.Address} inet n - n - - smtpd", .. services]);
        (await new Command(postfix, "-c", server.Configuration, "start").RunAsync()).Succeeded();
        return server;
    }

    public override async Task FlushAsync() => (await new Command("postqueue", "-c", Configuration, "-f").RunAsync()).Succeeded();

    public override async Task<bool> IsDoneAsync() => (await new Command("postqueue", "-c", Configuration, "-p").RunAsync()).Succeeded().Text.Contains("queue is empty", StringComparison.Ordinal);

    public override string Log() => Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(Root, "log")));

    protected override async Task StopAsync() => await new Command("postfix", "-c", Configuration, "stop").RunAsync();
}
