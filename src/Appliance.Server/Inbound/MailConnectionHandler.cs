using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Appliance.Mail.Smtp;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>One session per connection to a port for mail, within the limits on sessions.</summary>
/// <param name="smtp">That port's protocol.</param>
internal sealed partial class MailConnectionHandler(
    IOptions<MxOptions> options, SmtpServer smtp, MxMailDrop drop, OriginalClients clients, ClientLimits limits, SessionDrain drain, MxCounters counters, ILogger<MailConnectionHandler> log)
{
    private static ReadOnlySpan<byte> Ending => "421 4.3.2 Shutting down, try again later\r\n"u8;

    private static ReadOnlySpan<byte> Banned => "421 4.7.0 Too many addresses that do not exist came from your network; clean your list and come back later\r\n"u8;

    private static ReadOnlySpan<byte> TooManySessions => "421 4.7.0 Too many connections, try again later\r\n"u8;

    /// <summary>A proxy says at once who is behind it.</summary>
    private static readonly TimeSpan ProxyDeadline = TimeSpan.FromSeconds(5);

    private readonly SessionCounter _sessions = new(options.Value.MaxSessions, options.Value.MaxSessionsPerAddress);

    /// <summary>Holds a session from its first octet to its last; closing the connection is up to the caller.</summary>
    public async Task RunAsync(IDuplexPipe connection, IPEndPoint remote)
    {
        if (!drain.TryEnter())
        {
            await RefuseAsync(connection, Ending);
            return;
        }
        try
        {
            if (clients.IsProxy(remote.Address))
            {
                if (await ReadProxyHeaderAsync(connection.Input, remote) is not { } behind)
                {
                    LogNoProxyHeader();
                    return;
                }
                remote = behind;
            }
            if (limits.IsBanned(remote.Address))
                await RefuseAsync(connection, Banned);
            else if (!_sessions.TryEnter(remote.Address, mayFill: limits.IsExempt(remote.Address)))
                await RefuseAsync(connection, TooManySessions);
            else
                await ConverseAsync(connection, remote);
        }
        finally
        {
            drain.Leave();
        }
    }

    private async Task ConverseAsync(IDuplexPipe connection, IPEndPoint remote)
    {
        SmtpEnd? end = null;
        counters.Begin();
        try
        {
            var peer = new SmtpPeer(remote) { IsTrusted = limits.IsExempt(remote.Address), MayForward = clients.IsRelay(remote.Address) };
            end = await smtp.RunAsync(connection, peer, drop, drain.Draining, drain.CutOff);
            if (end.Fault is { } fault)
                LogFault(fault.GetType().Name, fault.StackTrace);
            else
                LogEnd(end.Reason, end.Messages, end.Cause);
        }
        finally
        {
            _sessions.Leave(remote.Address);
            counters.End(end);
        }
    }

    /// <summary>Who is behind the proxy; itself when it speaks for itself; null when it did not say in time, or not well.</summary>
    private async Task<IPEndPoint?> ReadProxyHeaderAsync(PipeReader input, IPEndPoint proxy)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(drain.CutOff);
        deadline.CancelAfter(ProxyDeadline);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(deadline.Token);
                var status = ProxyHeader.TryRead(read.Buffer, out var client, out var length);
                if (status == ProxyHeaderStatus.Complete)
                {
                    input.AdvanceTo(read.Buffer.GetPosition(length));
                    return client ?? proxy;
                }
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (status == ProxyHeaderStatus.Malformed || read.IsCompleted)
                    return null;
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private ValueTask<FlushResult> RefuseAsync(IDuplexPipe connection, ReadOnlySpan<byte> reply)
    {
        counters.RefuseConnection();
        connection.Output.Write(reply);
        return connection.Output.FlushAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A proxy of Mx:TrustedProxies opened a connection without a PROXY header, which was closed. Have it send one, or take it out of that list")]
    private partial void LogNoProxyHeader();

    // Only the type and the place: an exception's message may quote the mail.
    [LoggerMessage(Level = LogLevel.Error, Message = "An SMTP session failed with {Exception}\n{StackTrace}")]
    private partial void LogFault(string exception, string? stackTrace);

    [LoggerMessage(Level = LogLevel.Debug, Message = "An SMTP session ended: {Reason}, {Messages} messages, {Cause}")]
    private partial void LogEnd(SmtpEndReason reason, int messages, string? cause);
}
