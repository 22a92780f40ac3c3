using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Appliance.Server.Inbound.Connections;

/// <summary>Listens at one port for mail.</summary>
internal sealed partial class MailAcceptor : IDisposable
{
    private const int Backlog = 512;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly Func<IDuplexPipe, IPEndPoint, Task> _session;
    private readonly SessionLoop? _loop;
    private readonly Readiness? _someoneWaits;
    private readonly ILogger _log;
    private volatile bool _isClosed;

    /// <param name="endPoint">Port 0: a free one.</param>
    /// <param name="session">Holds a session with a peer to its end.</param>
    /// <param name="loop">Where sessions run; null: in the thread pool.</param>
    /// <param name="log">For what goes wrong.</param>
    /// <exception cref="IOException">The port cannot be had; with <see cref="AddressInUseException"/> inside when another program has it.</exception>
    public MailAcceptor(IPEndPoint endPoint, Func<IDuplexPipe, IPEndPoint, Task> session, SessionLoop? loop, ILogger log)
    {
        (_session, _loop, _log) = (session, loop, log);
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                _listener.DualMode = true;
            _listener.NoDelay = true; // on Linux connections have it from their port
            _listener.Bind(endPoint);
            _listener.Listen(Backlog);
            Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
            _someoneWaits = loop is null ? null : new Readiness(_listener, loop, isListener: true);
        }
        catch (SocketException error)
        {
            _listener.Dispose();
            throw new IOException(
                $"Mail cannot be received at {endPoint}: {error.Message}.", error.SocketErrorCode == SocketError.AddressAlreadyInUse ? new AddressInUseException(error.Message, error) : error);
        }
    }

    public int Port { get; }

    public void Start()
    {
        if (_loop is null)
            _ = Task.Run(AcceptAsync);
        else
            _loop.Post(_ => _ = AcceptAsync(_loop, _someoneWaits!), null);
    }

    /// <summary>Accepts no more; sessions go on.</summary>
    public void Dispose()
    {
        _isClosed = true;
        _listener.Dispose();
        _someoneWaits?.CallOff();
        _someoneWaits?.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_isClosed)
        {
            try
            {
                var connection = await _listener.AcceptAsync();
                connection.NoDelay = true;
                _ = Task.Run(() => HoldAsync(connection));
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                await GetOverAsync(error);
            }
        }
    }

    private async Task AcceptAsync(SessionLoop loop, Readiness someoneWaits)
    {
        while (!_isClosed)
        {
            try
            {
                await someoneWaits.WaitAsync();
                var connection = _listener.Accept();
                loop.Next(state => _ = HoldAsync((Socket)state!), connection);
            }
            catch (SocketException gone) when (gone.SocketErrorCode == SocketError.WouldBlock)
            {
                // Whoever it was has gone again.
            }
            catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
            {
                await GetOverAsync(error);
            }
        }
    }

    /// <summary>Perhaps no more files may be open: what waits at the port waits on.</summary>
    private async Task GetOverAsync(Exception error)
    {
        if (_isClosed)
            return;
        LogNotAccepted(error.Message);
        await Task.Delay(AfterFailure);
    }

    [SuppressMessage("Design", "CA1031", Justification = "The top of a session: no other may suffer from it.")]
    private async Task HoldAsync(Socket connection)
    {
        try
        {
            using var pipe = new SocketPipe(connection, _loop);
            await _session(pipe, (IPEndPoint)connection.RemoteEndPoint!);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            // The peer has gone.
        }
        catch (Exception error)
        {
            LogFault(error.GetType().Name, error.StackTrace);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A connection for mail could not be accepted: {Reason}. It waits")]
    private partial void LogNotAccepted(string reason);

    // Only the type and the place: an exception's message may quote the mail.
    [LoggerMessage(Level = LogLevel.Error, Message = "A mail connection failed with {Exception}\n{StackTrace}")]
    private partial void LogFault(string exception, string? stackTrace);
}
