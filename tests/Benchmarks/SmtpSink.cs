using System.Diagnostics;
using System.Net;
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
        var address = Loopback.FreePort();
        // Started as root it wants to know whom to become.
        string[] user = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
        var sink = new SmtpSink(Process.Start(Programs.Find("smtp-sink")!, [.. user, address.ToString(), $"{Backlog}"]), address);
        await Until.TrueAsync(() => Loopback.Answers(address), TimeSpan.FromSeconds(10), () => "smtp-sink does not listen.");
        return sink;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
