using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Appliance.Mail.Smtp;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>One session per connection to a port for mail, within the limits on sessions.</summary>
/// <param name="smtp">That port's protocol.</param>
internal sealed partial class MailConnectionHandler(
    IOptions<MxOptions> options, SmtpServer smtp, MxMailDrop drop, ClientLimits limits, SessionDrain drain, MxCounters counters, ILogger<MailConnectionHandler> log)
    : ConnectionHandler
{
    private static ReadOnlySpan<byte> Ending => "421 4.3.2 Shutting down, try again later\r\n"u8;

    private static ReadOnlySpan<byte> Banned => "421 4.7.0 Too many addresses that do not exist came from your network; clean your list and come back later\r\n"u8;

    private static ReadOnlySpan<byte> TooManySessions => "421 4.7.0 Too many connections, try again later\r\n"u8;

    private readonly SessionCounter _sessions = new(options.Value.MaxSessions, options.Value.MaxSessionsPerAddress);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        if (connection.RemoteEndPoint is not IPEndPoint remote)
            return;
        if (!drain.TryEnter())
        {
            await RefuseAsync(connection, Ending);
            return;
        }
        try
        {
            if (limits.IsBanned(remote.Address))
                await RefuseAsync(connection, Banned);
            else if (!_sessions.TryEnter(remote.Address))
                await RefuseAsync(connection, TooManySessions);
            else
                await ConverseAsync(connection, remote);
        }
        finally
        {
            drain.Leave();
        }
    }

    private async Task ConverseAsync(ConnectionContext connection, IPEndPoint remote)
    {
        SmtpEnd? end = null;
        counters.Begin();
        try
        {
            var peer = new SmtpPeer(remote) { IsTrusted = limits.IsExempt(remote.Address) };
            // Not connection.ConnectionClosed as the order to abort: it comes as soon as the peer has said all it will say.
            end = await smtp.RunAsync(connection.Transport, peer, drop, drain.Draining, drain.CutOff);
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

    private ValueTask<FlushResult> RefuseAsync(ConnectionContext connection, ReadOnlySpan<byte> reply)
    {
        counters.RefuseConnection();
        connection.Transport.Output.Write(reply);
        return connection.Transport.Output.FlushAsync();
    }

    // Only the type and the place: an exception's message may quote the mail.
    [LoggerMessage(Level = LogLevel.Error, Message = "An SMTP session failed with {Exception}\n{StackTrace}")]
    private partial void LogFault(string exception, string? stackTrace);

    [LoggerMessage(Level = LogLevel.Debug, Message = "An SMTP session ended: {Reason}, {Messages} messages, {Cause}")]
    private partial void LogEnd(SmtpEndReason reason, int messages, string? cause);
}
