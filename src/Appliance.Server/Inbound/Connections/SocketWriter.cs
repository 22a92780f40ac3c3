using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Appliance.Server.Inbound.Connections;

/// <summary>What is to be sent, kept until it is flushed.</summary>
/// <param name="mayBlock">The socket does: sending is up to the thread pool.</param>
internal sealed class SocketWriter(Socket socket, bool mayBlock) : PipeWriter
{
    private const int FirstBytes = 2 * 1024;

    private readonly CallOff _calledOff = new();
    private byte[] _buffer = [];
    private int _length;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsSpan(_length);
    }

    public override void Advance(int bytes) => _length += bytes;

    public override void CancelPendingFlush() => _calledOff.Ask();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_length == 0)
            return default;
        return !mayBlock && TrySend() ? default : SendAsync(cancellationToken);
    }

    public override void Complete(Exception? exception = null)
    {
        _length = 0;
        Return();
    }

    /// <returns>Whether the system took all of it.</returns>
    private bool TrySend()
    {
        var count = socket.Send(_buffer.AsSpan(0, _length), SocketFlags.None, out var error);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
            throw SocketPipe.Broken(new SocketException((int)error));
        Sent(count);
        return _length == 0;
    }

    private async ValueTask<FlushResult> SendAsync(CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _calledOff.Begin(wait);
        var at = 0;
        try
        {
            while (at < _length)
                at += await socket.SendAsync(_buffer.AsMemory(at, _length - at), SocketFlags.None, wait.Token);
        }
        catch (OperationCanceledException) when (_calledOff.WasAsked())
        {
            return new FlushResult(isCanceled: true, isCompleted: false);
        }
        catch (SocketException broken)
        {
            throw SocketPipe.Broken(broken);
        }
        finally
        {
            _calledOff.End();
            Sent(at);
        }
        return default;
    }

    private void Sent(int count)
    {
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
        if (_length == 0)
            Return();
    }

    private void MakeRoom(int sizeHint)
    {
        var least = Math.Max(sizeHint, 1);
        if (_buffer.Length - _length >= least)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, Math.Max(2 * _buffer.Length, _length + least)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        (var from, _buffer) = (_buffer, larger);
        if (from.Length > 0)
            ArrayPool<byte>.Shared.Return(from);
    }

    private void Return()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
