using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// What a socket receives, in one buffer of the pool. While the session has a thread, reading blocks it for a while; then the session leaves it, and an idle one
/// holds no buffer.
/// </summary>
internal sealed class SocketReader : PipeReader
{
    private const int SmallBytes = 16 * 1024;
    private const int LargeBytes = 64 * 1024;
    private const int LeastRoom = 2 * 1024;

    /// <summary>So late does a thread that blocks see that it was called off.</summary>
    private const int SliceMilliseconds = 50;

    /// <summary>So many slices does a session keep its thread while its peer says nothing.</summary>
    private const int MostSlices = 20;

    private readonly Socket _socket;
    private readonly SessionThread _thread;
    private readonly CallOff _calledOff = new();
    private byte[] _buffer = [];
    private int _start; // what was read and not consumed lies from here to _end
    private int _end;
    private int _examined;
    private bool _hasEnded;
    private bool _filledBuffer; // more comes than fits a small one

    public SocketReader(Socket socket, SessionThread thread)
    {
        (_socket, _thread) = (socket, thread);
        if (CanBlock)
            socket.ReceiveTimeout = SliceMilliseconds;
    }

    // On Windows a socket must not be used any more after it has waited for too long.
    private static bool CanBlock => !OperatingSystem.IsWindows();

    private ReadOnlySequence<byte> Unread => new(_buffer, _start, _end - _start);

    public override bool TryRead(out ReadResult result)
    {
        result = new ReadResult(Unread, _calledOff.WasAsked(), _hasEnded);
        return result.IsCanceled || _examined < _end || _hasEnded;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out var result) || (CanBlock && _thread.MayBlock && TryReceive(out result)))
            return new(result);
        _thread.Leave();
        return ReceiveAsync(cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var unread = Unread;
        _examined = _start + (int)unread.Slice(0, examined).Length;
        _start += (int)unread.Slice(0, consumed).Length;
        if (_start == _end)
            _start = _end = _examined = 0;
    }

    public override void CancelPendingRead() => _calledOff.Ask();

    public override void Complete(Exception? exception = null) => Return();

    private bool TryReceive(out ReadResult result)
    {
        MakeRoom();
        for (var slice = 0; slice < MostSlices; slice++)
        {
            var count = _socket.Receive(_buffer.AsSpan(_end), SocketFlags.None, out var error);
            if (error == SocketError.Success)
                Took(count);
            else if (error is not (SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted))
                throw SocketPipe.Broken(new SocketException((int)error));
            if (TryRead(out result))
                return true;
        }
        result = default;
        return false;
    }

    private async ValueTask<ReadResult> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _calledOff.Begin(wait);
        try
        {
            if (_start == _end)
            {
                Return();
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, wait.Token);
            }
            MakeRoom();
            Took(await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, wait.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The result says so.
        }
        catch (SocketException broken)
        {
            throw SocketPipe.Broken(broken);
        }
        finally
        {
            _calledOff.End();
        }
        TryRead(out var result);
        return result;
    }

    private void Took(int count)
    {
        _hasEnded = count == 0;
        _end += count;
        _filledBuffer |= _end == _buffer.Length;
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
