using System.Net;
using System.Net.Sockets;

namespace Appliance.Server.Inbound.Connections;

/// <summary>A connection whose session runs in the thread pool.</summary>
/// <param name="socket">Is closed with it.</param>
internal sealed class PoolConnection(Socket socket) : Connection
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _waiting;
    private CancellationTokenSource? _sending;
    private bool _wasCut; // .NET does not say how much it had sent

    public override IPEndPoint Peer
    {
        get
        {
            try
            {
                return (IPEndPoint)socket.RemoteEndPoint!;
            }
            catch (SocketException gone)
            {
                throw Broken(gone.Message, gone);
            }
        }
    }

    public override async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Set(ref _waiting, wait);
        try
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, wait.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It was called off.
        }
        catch (SocketException broken)
        {
            throw Broken(broken.Message, broken);
        }
        finally
        {
            Set(ref _waiting, null);
        }
    }

    public override void CallOffWait() => CallOff(ref _waiting);

    public override void HasMore()
    {
        // The system says so itself.
    }

    public override int? Receive(Span<byte> room)
    {
        var count = socket.Receive(room, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => count,
            SocketError.WouldBlock => null,
            _ => throw Broken(new SocketException((int)error).Message),
        };
    }

    /// <summary>It might block.</summary>
    public override int TrySend(ReadOnlySpan<byte> bytes) => 0;

    public override async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_wasCut)
            throw Broken("what was sent before was called off.");
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Set(ref _sending, wait);
        try
        {
            return await socket.SendAsync(bytes, SocketFlags.None, wait.Token);
        }
        catch (OperationCanceledException)
        {
            _wasCut = true;
            cancellationToken.ThrowIfCancellationRequested();
            return 0;
        }
        catch (SocketException broken)
        {
            throw Broken(broken.Message, broken);
        }
        finally
        {
            Set(ref _sending, null);
        }
    }

    public override void CallOffSending() => CallOff(ref _sending);

    public override void Dispose() => socket.Dispose();

    private void Set(ref CancellationTokenSource? place, CancellationTokenSource? wait)
    {
        lock (_gate)
            place = wait;
    }

    private void CallOff(ref CancellationTokenSource? wait)
    {
        lock (_gate)
            wait?.Cancel();
    }
}
