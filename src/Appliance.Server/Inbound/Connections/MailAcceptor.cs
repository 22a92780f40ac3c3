using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// Listens at one port for mail. Threads wait there in line: whoever gets a connection holds its session, and has seen to it that another waits. When no
/// more threads may be made, sessions begin in the thread pool.
/// </summary>
internal sealed partial class MailAcceptor : IDisposable
{
    private const int Backlog = 512;
    private const int MostThreads = 16;
    private const int MostWaiting = 8;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly Func<IDuplexPipe, IPEndPoint, Task> _session;
    private readonly ILogger _log;
    private readonly ManualResetEventSlim _isClosed = new();
    private readonly Lock _line = new();
    private int _threads;
    private int _waiting;

    /// <param name="endPoint">Port 0: a free one.</param>
    /// <param name="session">Holds a session with a peer to its end.</param>
    /// <param name="log">For what goes wrong.</param>
    /// <exception cref="IOException">The port cannot be had; with <see cref="AddressInUseException"/> inside when another program has it.</exception>
    public MailAcceptor(IPEndPoint endPoint, Func<IDuplexPipe, IPEndPoint, Task> session, ILogger log)
    {
        (_session, _log) = (session, log);
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                _listener.DualMode = true;
            _listener.Bind(endPoint);
            _listener.Listen(Backlog);
            Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
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
        if (!TryAddThread())
            throw new IOException("Mail cannot be received: the system makes no more threads.");
    }

    /// <summary>Accepts no more; sessions go on.</summary>
    public void Dispose()
    {
        _isClosed.Set();
        _listener.Dispose();
    }

    private bool TryAddThread()
    {
        lock (_line)
        {
            if (_threads == MostThreads)
                return false;
            _threads++;
            _waiting++;
        }
        try
        {
            new Thread(Run) { IsBackground = true, Name = "mail session" }.Start();
            return true;
        }
        catch (OutOfMemoryException) // the system makes no more threads
        {
            lock (_line)
            {
                _threads--;
                _waiting--;
            }
            return false;
        }
    }

    private void Run()
    {
        do
        {
            if (Accept() is not { } connection)
                return;
            if (LeaveLine() || TryAddThread())
                SessionThread.Run(thread => HoldAsync(connection, thread));
            else
                _ = Task.Run(() => HoldAsync(connection, SessionThread.None));
        }
        while (JoinLine());
    }

    /// <returns>Null when the port is closed.</returns>
    private Socket? Accept()
    {
        while (!_isClosed.IsSet)
        {
            try
            {
                return _listener.Accept();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // Perhaps no more files may be open: what waits at the port waits on.
                if (_isClosed.IsSet)
                    return null;
                LogNotAccepted(error.Message);
                _isClosed.Wait(AfterFailure);
            }
        }
        return null;
    }

    /// <returns>Whether others wait still.</returns>
    private bool LeaveLine()
    {
        lock (_line)
            return --_waiting > 0;
    }

    /// <returns>False when enough others wait, and this thread ends.</returns>
    private bool JoinLine()
    {
        lock (_line)
        {
            var isNeeded = _waiting < MostWaiting;
            if (isNeeded)
                _waiting++;
            else
                _threads--;
            return isNeeded;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The top of a session: no other may suffer from it.")]
    private async Task HoldAsync(Socket connection, SessionThread thread)
    {
        try
        {
            using var pipe = new SocketPipe(connection, thread);
            connection.NoDelay = true;
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
