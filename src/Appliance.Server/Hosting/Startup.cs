using Appliance.Server.Admin;
using Appliance.Server.Certificates;
using Appliance.Server.Domains;
using Appliance.Server.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Hosting;

/// <summary>Once everything listens: says where, and offers the set-up link while there is nobody to sign in.</summary>
internal sealed partial class Startup(
    IServer server,
    MailListeners mail,
    IStore store,
    StoreHost host,
    IOptions<ListenerOptions> options,
    LinkMaker links,
    WebOrigin origin,
    SetupLinkFile setupLink,
    ServerCertificate certificate,
    ILogger<Startup> log) : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (host.Folder.Closed is { Count: > 0 } closed)
            LogClosed(string.Join(", ", closed));
        await SweepBlobsAsync(cancellationToken);
        var bound = new BoundPorts(mail.Mx, Listeners.BoundWeb(server, options.Value), mail.Lmtp);
        RestrictControlSocket();
        origin.Value = links.Origin(OriginOf(bound.Web));
        LogListening(bound.Mx, origin.Value);
        if (!store.AnyDomain())
            await OfferSetupAsync(cancellationToken);
        bound.Write(host.Folder);
    }

    private async Task SweepBlobsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await host.Store.SweepBlobsAsync(host.Collections, cancellationToken);
        }
        catch (StoreDamagedException damage)
        {
            LogNotSwept(damage.Message); // a file whose row cannot be read is not an orphan
        }
    }

    private async Task OfferSetupAsync(CancellationToken cancellationToken)
    {
        var (link, _) = await links.SetupAsync(domain: null, admin: null, origin.Value, cancellationToken);
        if (link is null)
            return;
        setupLink.Write(link.Link);
        if (Console.IsOutputRedirected)
        {
            LogLinkWritten(setupLink.Path);
            return;
        }
        Console.WriteLine($"\nOpen this link in a browser to set up the appliance. It works once, until {link.ExpiresAt:u}:\n\n  {link.Link}\n");
        if (link.Link.StartsWith("https:", StringComparison.Ordinal))
            Console.WriteLine($"The browser will warn: the certificate is self-signed. Its SHA-256 fingerprint is\n  {certificate.Fingerprint}\n");
    }

    internal static string OriginOf(string web)
    {
        var at = HostAndPort.Parse(web);
        return at.IsLoopback ? $"http://{at}" : $"https://{at}".Replace("*", Environment.MachineName.ToLowerInvariant(), StringComparison.Ordinal);
    }

    // The socket's mode is the control interface's only credential.
    private void RestrictControlSocket()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(ControlAddress.SocketPath(host.Folder.Path), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>What a process that was killed left behind; nobody else holds the folder's lock now.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        File.Delete(ControlAddress.SocketPath(host.Folder.Path));
        File.Delete(BoundPorts.PathIn(host.Folder));
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Other users of this machine could look into {Entries} of the data folder until now; that is closed to them. If somebody may have read the store's key: appliance store rekey")]
    private partial void LogClosed(string entries);

    [LoggerMessage(Level = LogLevel.Information, Message = "Mail is received at {Mx}; the web client is at {Origin}")]
    private partial void LogListening(string mx, string origin);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store is damaged, see appliance store verify; the rest is served: {Damage}")]
    private partial void LogNotSwept(string damage);

    [LoggerMessage(Level = LogLevel.Information, Message = "The appliance waits for its set-up; the link is in {Path}")]
    private partial void LogLinkWritten(string path);
}
