using System.Net;

namespace Appliance.Server.Inbound.Connections;

/// <summary>A connection whose session runs in a <see cref="SessionLoop"/>.</summary>
internal sealed class LoopConnection : Connection
{
    private readonly LinuxSocket _socket;
    private readonly SessionLoop _loop;
    private readonly Readiness _input;
    private LinuxSocket? _sent; // the same, for whoever waits until there is room: epoll knows a file by its number
    private Readiness? _room;

    /// <param name="socket">Is closed with it, and when it cannot be held.</param>
    /// <exception cref="IOException">The system has no room for it.</exception>
    public LoopConnection(LinuxSocket socket, IPEndPoint peer, SessionLoop loop)
    {
        (_socket, Peer, _loop) = (socket, peer, loop);
        try
        {
            _input = new Readiness(socket, loop);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override IPEndPoint Peer { get; }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => _input.WaitAsync(cancellationToken);

    public override void CallOffWait() => _input.CallOff();

    public override void HasMore() => _input.HasMore();

    public override int? Receive(Span<byte> room) => _socket.Receive(room);

    public override int TrySend(ReadOnlySpan<byte> bytes) => _socket.Send(bytes);

    public override async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _sent ??= _socket.Duplicate();
        _room ??= new Readiness(_sent, _loop, ReadyFor.Sending);
        await _room.WaitAsync(cancellationToken);
        return TrySend(bytes.Span);
    }

    public override void CallOffSending() => Volatile.Read(ref _room)?.CallOff();

    public override void Dispose()
    {
        _input.Dispose();
        _room?.Dispose();
        _sent?.Dispose();
        _socket.Dispose();
    }
}
