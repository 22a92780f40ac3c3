using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// Listens at one port for mail: with a listener for each loop, whose connections the system shares out by the processor that their packets come to
/// (SO_REUSEPORT with SO_INCOMING_CPU, since Linux 6.2; before, evenly).
/// </summary>
internal sealed partial class MailAcceptor : IDisposable
{
    private const int Backlog = 512;
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int ReusePort = 15; // SO_REUSEPORT
    private const int IncomingProcessor = 49; // SO_INCOMING_CPU
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly List<Entrance> _entrances = [];
    private readonly Func<IDuplexPipe, IPEndPoint, Task> _session;
    private readonly SessionLoops? _loops;
    private readonly SendOrPostCallback _hold;
    private readonly ILogger _log;
    private volatile bool _isClosed;

    /// <param name="endPoint">Port 0: a free one.</param>
    /// <param name="session">Holds a session with a peer to its end.</param>
    /// <param name="loops">Where sessions run; null: in the thread pool.</param>
    /// <param name="log">For what goes wrong.</param>
    /// <exception cref="IOException">The port cannot be had; with <see cref="AddressInUseException"/> inside when another program has it.</exception>
    public MailAcceptor(IPEndPoint endPoint, Func<IDuplexPipe, IPEndPoint, Task> session, SessionLoops? loops, ILogger log)
    {
        (_session, _loops, _log) = (session, loops, log);
        _hold = connection => _ = HoldAsync((Connection)connection!);
        try
        {
            for (var number = 0; number < (loops?.All.Count ?? 1); number++)
            {
                var loop = loops?.All[number];
                var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                _entrances.Add(new Entrance(listener, loop));
                Bind(listener, endPoint, loop);
                endPoint = (IPEndPoint)listener.LocalEndPoint!;
            }
            Port = endPoint.Port;
            foreach (var entrance in _entrances)
                entrance.Open();
        }
        catch (SocketException error)
        {
            Dispose();
            throw new IOException(
                $"Mail cannot be received at {endPoint}: {error.Message}.", error.SocketErrorCode == SocketError.AddressAlreadyInUse ? new AddressInUseException(error.Message, error) : error);
        }
        catch (IOException)
        {
            Dispose();
            throw;
        }
    }

    public int Port { get; }

    public void Start()
    {
        foreach (var entrance in _entrances)
            if (entrance.Loop is { } loop)
                loop.Post(_ => _ = AcceptAsync(entrance, loop), null);
            else
                _ = Task.Run(() => AcceptAsync(entrance.Listener));
    }

    /// <summary>Accepts no more; sessions go on.</summary>
    public void Dispose()
    {
        _isClosed = true;
        _entrances.ForEach(entrance => entrance.Dispose());
    }

    private void Bind(Socket listener, IPEndPoint endPoint, SessionLoop? loop)
    {
        if (endPoint.Address.Equals(IPAddress.IPv6Any))
            listener.DualMode = true;
        listener.NoDelay = true; // on Linux connections have it from their port
        // The first wants the port for itself, so that another program that has it is found out.
        var isFirst = _entrances.Count == 1;
        if (loop is not null && !isFirst)
            Set(listener, ReusePort, 1);
        listener.Bind(endPoint);
        if (loop is not null && isFirst)
            Set(listener, ReusePort, 1);
        if (loop?.Processor is { } processor)
            Prefer(listener, processor);
    }

    private static void Prefer(Socket listener, int processor)
    {
        try
        {
            Set(listener, IncomingProcessor, processor);
        }
        catch (SocketException)
        {
            // Not every system that calls itself Linux has it: then connections are shared out evenly.
        }
    }

    private static void Set(Socket listener, int option, int value) => listener.SetRawSocketOption(SocketLevel, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    private async Task AcceptAsync(Socket listener)
    {
        while (!_isClosed)
        {
            try
            {
                var connection = await listener.AcceptAsync();
                connection.NoDelay = true;
                _ = Task.Run(() => HoldAsync(new PoolConnection(connection)));
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                await GetOverAsync(error);
            }
        }
    }

    private async Task AcceptAsync(Entrance entrance, SessionLoop loop)
    {
        while (!_isClosed)
        {
            try
            {
                await entrance.SomeoneWaits!.WaitAsync();
                if (LinuxSocket.Accept(entrance.Listener.SafeHandle, out var peer) is not { } socket)
                    continue;
                var holder = _loops!.For(loop);
                var connection = new LoopConnection(socket, peer, holder);
                if (holder == loop)
                    loop.Next(_hold, connection);
                else
                    holder.Post(_hold, connection);
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
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
    private async Task HoldAsync(Connection connection)
    {
        try
        {
            using var pipe = new SocketPipe(connection);
            await _session(pipe, connection.Peer);
        }
        catch (IOException)
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

    /// <param name="Loop">Null: the thread pool accepts.</param>
    private sealed record Entrance(Socket Listener, SessionLoop? Loop) : IDisposable
    {
        public Readiness? SomeoneWaits { get; private set; }

        public void Open()
        {
            Listener.Listen(Backlog);
            if (Loop is null)
                return;
            Listener.Blocking = false;
            SomeoneWaits = new Readiness(Listener.SafeHandle, Loop, ReadyFor.Accepting);
        }

        public void Dispose()
        {
            Listener.Dispose();
            SomeoneWaits?.CallOff();
            SomeoneWaits?.Dispose();
        }
    }
}
