using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Appliance.Server.Inbound.Connections;

/// <summary>What is to be sent, kept until it is flushed.</summary>
internal sealed class SocketWriter(Socket socket, SessionThread thread) : PipeWriter
{
    private const int FirstBytes = 2 * 1024;

    /// <summary>Every system takes so much in a connection's life although nobody reads it.</summary>
    private const int AlwaysTaken = 8 * 1024;

    /// <summary>A system that calls a connection writable takes so much.</summary>
    private const int TakenWhenWritable = 2 * 1024;

    private readonly CallOff _calledOff = new();
    private byte[] _buffer = [];
    private int _length;
    private long _sent;

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
        if (!WillNotBlock)
            return SendAsync(cancellationToken);
        for (var at = 0; at < _length;)
        {
            at += socket.Send(_buffer.AsSpan(at, _length - at), SocketFlags.None, out var error);
            if (error != SocketError.Success)
                throw SocketPipe.Broken(new SocketException((int)error));
        }
        Sent(_length);
        return default;
    }

    public override void Complete(Exception? exception = null)
    {
        _length = 0;
        Return();
    }

    private bool WillNotBlock => thread.MayBlock
        && (_sent + _length <= AlwaysTaken || (_length <= TakenWhenWritable && socket.Poll(0, SelectMode.SelectWrite)));

    private async ValueTask<FlushResult> SendAsync(CancellationToken cancellationToken)
    {
        thread.Leave();
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
        _sent += count;
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
