using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Appliance.Server.Inbound.Connections;

/// <summary>What a socket receives, in one buffer of the pool; who waits holds none.</summary>
internal sealed class SocketReader : PipeReader
{
    private const int SmallBytes = 16 * 1024;
    private const int LargeBytes = 64 * 1024;
    private const int LeastRoom = 2 * 1024;

    private readonly Socket _socket;
    private readonly Readiness? _readiness;
    private readonly CallOff _calledOff = new();
    private byte[] _buffer = [];
    private int _start; // what was read and not consumed lies from here to _end
    private int _end;
    private int _examined;
    private bool _hasEnded;
    private bool _filledBuffer; // more comes than fits a small one

    /// <param name="loop">Null: it is the thread pool that waits.</param>
    public SocketReader(Socket socket, SessionLoop? loop)
    {
        _socket = socket;
        _readiness = loop is null ? null : new Readiness(socket, loop);
    }

    private ReadOnlySequence<byte> Unread => new(_buffer, _start, _end - _start);

    public override bool TryRead(out ReadResult result)
    {
        result = new ReadResult(Unread, _calledOff.WasAsked(), _hasEnded);
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
        _calledOff.Ask();
        _readiness?.CallOff();
    }

    public override void Complete(Exception? exception = null)
    {
        Return();
        _readiness?.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReceiveAsync(CancellationToken cancellationToken)
    {
        ReadResult result;
        do
        {
            if (_start == _end)
                Return();
            try
            {
                await (_readiness is null ? WaitAsync(cancellationToken) : WaitAsync(_readiness, cancellationToken));
            }
            catch (SocketException broken)
            {
                throw SocketPipe.Broken(broken);
            }
            if (_calledOff.IsAsked)
                _readiness?.HasMore(); // perhaps: nobody has looked
            else
                Receive();
        }
        while (!TryRead(out result));
        return result;
    }

    private void Receive()
    {
        MakeRoom();
        var count = _socket.Receive(_buffer.AsSpan(_end), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return;
        if (error != SocketError.Success)
            throw SocketPipe.Broken(new SocketException((int)error));
        _hasEnded = count == 0;
        _end += count;
        if (_end == _buffer.Length)
        {
            _filledBuffer = true;
            _readiness?.HasMore();
        }
    }

    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _calledOff.Begin(wait);
        try
        {
            await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, wait.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The result says so.
        }
        finally
        {
            _calledOff.End();
        }
    }

    private ValueTask WaitAsync(Readiness readiness, CancellationToken cancellationToken)
    {
        var waiting = readiness.WaitAsync();
        if (_calledOff.IsAsked)
            readiness.CallOff();
        return cancellationToken.CanBeCanceled ? OrCancelledAsync(waiting) : waiting;

        async ValueTask OrCancelledAsync(ValueTask wait)
        {
            using (cancellationToken.UnsafeRegister(static state => ((Readiness)state!).CallOff(), readiness))
                await wait;
            if (!cancellationToken.IsCancellationRequested)
                return;
            readiness.HasMore(); // perhaps: nobody has looked
            throw new OperationCanceledException(cancellationToken);
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
