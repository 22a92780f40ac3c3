using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Appliance.Server.Inbound.Connections;

/// <summary>What a socket receives, in one buffer of the pool; who waits holds none.</summary>
internal sealed class SocketReader(Connection connection) : PipeReader
{
    private const int SmallBytes = 16 * 1024;
    private const int LargeBytes = 64 * 1024;
    private const int LeastRoom = 2 * 1024;

    private byte[] _buffer = [];
    private int _start; // what was read and not consumed lies from here to _end
    private int _end;
    private int _examined;
    private bool _hasEnded;
    private bool _filledBuffer; // more comes than fits a small one
    private int _isCalledOff;

    private ReadOnlySequence<byte> Unread => new(_buffer, _start, _end - _start);

    private bool IsCalledOff => Volatile.Read(ref _isCalledOff) != 0;

    public override bool TryRead(out ReadResult result)
    {
        result = new ReadResult(Unread, IsCalledOff && Interlocked.Exchange(ref _isCalledOff, 0) != 0, _hasEnded);
        return result.IsCanceled || _examined < _end || _hasEnded;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        TryRead(out var result) ? new(result) : ReceiveAsync(cancellationToken);

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var unread = Unread;
        _examined = _start + (int)unread.Slice(0, examined).Length;
        _start += (int)unread.Slice(0, consumed).Length;
        if (_start == _end)
            _start = _end = _examined = 0;
    }

    public override void CancelPendingRead()
    {
        Interlocked.Exchange(ref _isCalledOff, 1); // and is seen before the wait is looked for
        connection.CallOffWait();
    }

    public override void Complete(Exception? exception = null) => Return();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReceiveAsync(CancellationToken cancellationToken)
    {
        ReadResult result;
        do
        {
            if (_start == _end)
                Return();
            var waiting = connection.WaitAsync(cancellationToken);
            if (IsCalledOff)
                connection.CallOffWait();
            await waiting;
            if (IsCalledOff)
                connection.HasMore(); // perhaps: nobody has looked
            else
                Receive();
        }
        while (!TryRead(out result));
        return result;
    }

    private void Receive()
    {
        MakeRoom();
        if (connection.Receive(_buffer.AsSpan(_end)) is not { } count)
            return;
        _hasEnded = count == 0;
        _end += count;
        if (_end == _buffer.Length)
        {
            _filledBuffer = true;
            connection.HasMore();
        }
    }

    private void MakeRoom()
    {
        if (_buffer.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(_filledBuffer ? LargeBytes : SmallBytes);
            return;
        }
        if (_buffer.Length - _end >= LeastRoom)
            return;
        var from = _buffer;
        var length = _end - _start;
        if (length > from.Length / 2)
            _buffer = ArrayPool<byte>.Shared.Rent(2 * from.Length);
        from.AsSpan(_start, length).CopyTo(_buffer);
        if (from == _buffer)
        {
            from.AsSpan(length, _end - length).Clear();
        }
        else
        {
            from.AsSpan(0, _end).Clear();
            ArrayPool<byte>.Shared.Return(from);
        }
        (_examined, _start, _end) = (_examined - _start, 0, length);
    }

    private void Return()
    {
        if (_buffer.Length == 0)
            return;
        _buffer.AsSpan(_start, _end - _start).Clear();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = _examined = 0;
    }
}
