using System.Net;
using System.Net.Sockets;
using Appliance.Server.Inbound;
using Appliance.Server.Inbound.Connections;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Hosting;

/// <summary>The ports for mail, open while the service runs.</summary>
internal sealed class MailListeners(IServiceProvider services, IOptions<ListenerOptions> options, ILogger<MailListeners> log) : IHostedService, IDisposable
{
    private readonly List<MailAcceptor> _acceptors = [];
    private SessionLoops? _loops;

    /// <summary>Where SMTP is spoken, as <c>HOST:PORT</c>.</summary>
    public string Mx { get; private set; } = "";

    /// <summary>Where LMTP is spoken; null: nowhere.</summary>
    public string? Lmtp { get; private set; }

    /// <exception cref="IOException">A port cannot be had, or no thread.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loops = SessionLoops.Start();
        Mx = Open(options.Value.Mx, MailProtocol.Smtp);
        Lmtp = options.Value.Lmtp.Length > 0 ? Open(options.Value.Lmtp, MailProtocol.Lmtp) : null;
        foreach (var acceptor in _acceptors)
            acceptor.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Close();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        Close();
        _loops?.Dispose();
    }

    private void Close()
    {
        foreach (var acceptor in _acceptors)
            acceptor.Dispose();
        _acceptors.Clear();
    }

    private string Open(string at, MailProtocol protocol)
    {
        var asked = HostAndPort.Parse(at);
        var handler = services.GetRequiredKeyedService<MailConnectionHandler>(protocol);
        var port = 0;
        foreach (var address in AddressesOf(asked))
        {
            var acceptor = new MailAcceptor(new IPEndPoint(address, asked.Port), handler.RunAsync, _loops, log);
            _acceptors.Add(acceptor);
            port = acceptor.Port;
        }
        return (asked with { Port = port }).ToString();
    }

    private static IPAddress[] AddressesOf(HostAndPort at) => at.Host switch
    {
        "*" => [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any],
        // A free port cannot be had on both loopback addresses at once.
        "localhost" when at.Port != 0 && Socket.OSSupportsIPv6 => [IPAddress.Loopback, IPAddress.IPv6Loopback],
        "localhost" => [IPAddress.Loopback],
        _ => [IPAddress.Parse(at.Host)],
    };
}
