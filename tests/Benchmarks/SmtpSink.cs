using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Appliance.EndToEnd.Harness;

namespace Appliance.Benchmarks;

/// <summary>Postfix's smtp-sink: what a mail server that keeps nothing does on this machine.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private const int Backlog = 1000;

    private readonly Process _process;

    private SmtpSink(Process process, IPEndPoint address) => (_process, Address) = (process, address);

    public IPEndPoint Address { get; }

    public static async Task<SmtpSink> StartAsync()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = (IPEndPoint)probe.LocalEndpoint;
        probe.Stop();
        // Started as root it wants to know whom to become.
        string[] user = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
        var sink = new SmtpSink(Process.Start(Programs.Find("smtp-sink")!, [.. user, address.ToString(), $"{Backlog}"]), address);
        await Until.TrueAsync(sink.Answers, TimeSpan.FromSeconds(10), () => "smtp-sink does not listen.");
        return sink;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private bool Answers()
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(Address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
