using System.Buffers;
using System.IO.Pipelines;

namespace Appliance.Server.Inbound.Connections;

/// <summary>What is to be sent, kept until it is flushed.</summary>
internal sealed class SocketWriter(Connection connection) : PipeWriter
{
    private const int FirstBytes = 2 * 1024;

    private byte[] _buffer = [];
    private int _length;
    private int _isCalledOff;

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

    public override void CancelPendingFlush()
    {
        Interlocked.Exchange(ref _isCalledOff, 1); // and is seen before the sending is looked for
        connection.CallOffSending();
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_length == 0)
            return default;
        Sent(connection.TrySend(_buffer.AsSpan(0, _length)));
        return _length == 0 ? default : SendAsync(cancellationToken);
    }

    public override void Complete(Exception? exception = null)
    {
        _length = 0;
        Return();
    }

    private async ValueTask<FlushResult> SendAsync(CancellationToken cancellationToken)
    {
        while (_length > 0)
        {
            var sending = connection.SendAsync(_buffer.AsMemory(0, _length), cancellationToken);
            if (Volatile.Read(ref _isCalledOff) != 0)
                connection.CallOffSending();
            Sent(await sending);
            if (Interlocked.Exchange(ref _isCalledOff, 0) != 0)
                return new FlushResult(isCanceled: true, isCompleted: false);
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
