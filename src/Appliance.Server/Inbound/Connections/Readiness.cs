using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// Waits in a <see cref="SessionLoop"/> until a socket may have something to read; what waited goes on there. The socket must not block: it may turn out
/// that there is nothing.
/// </summary>
internal sealed class Readiness : IValueTaskSource, IDisposable
{
    private const int Unknown = 0, Waiting = 1, Ready = 2;

    private readonly Socket _socket;
    private readonly SessionLoop _loop;
    private readonly ulong _id;
    private readonly bool _isListener;
    private ManualResetValueTaskSourceCore<bool> _source;
    private bool _wasAsked;
    private volatile bool _hasEnded; // whoever reads finds that out without waiting
    private int _state;

    /// <param name="isListener">Connections are taken one by one, and each time it is asked anew.</param>
    /// <exception cref="IOException">The system has no room for it.</exception>
    public Readiness(Socket socket, SessionLoop loop, bool isListener = false)
    {
        (_socket, _loop, _isListener) = (socket, loop, isListener);
        socket.Blocking = false;
        _id = loop.Add(this);
        if (!isListener)
            loop.Epoll.Add(socket.SafeHandle, _id);
    }

    /// <summary>One at a time.</summary>
    /// <exception cref="IOException">The system has no room for it.</exception>
    public ValueTask WaitAsync()
    {
        if (_hasEnded)
            return default;
        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Unknown) == Ready)
        {
            // What comes from here on is told again.
            Volatile.Write(ref _state, Unknown);
            if (_isListener || !_loop.HasDue)
                return default;
            // Others wait for a turn, and this one might always have more to read.
            _loop.Post(GoOn, this);
            return new ValueTask(this, _source.Version);
        }
        if (_isListener)
        {
            _loop.Epoll.AskOnce(_socket.SafeHandle, _wasAsked, _id);
            _wasAsked = true;
        }
        return new ValueTask(this, _source.Version);
    }

    /// <summary>Something may be left: it is not told again.</summary>
    public void HasMore() => Volatile.Write(ref _state, Ready);

    /// <summary>Ends the wait, if there is one.</summary>
    public void CallOff()
    {
        if (Interlocked.CompareExchange(ref _state, Unknown, Waiting) == Waiting)
            _loop.Post(GoOn, this);
    }

    /// <summary>The system has said so.</summary>
    /// <returns>Whether to <see cref="GoOn"/> with what waited.</returns>
    public bool Found(bool hasEnded)
    {
        if (hasEnded)
            _hasEnded = true;
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (Interlocked.CompareExchange(ref _state, state == Waiting ? Unknown : Ready, state) == state)
                return state == Waiting;
        }
    }

    /// <summary>Goes on with what waited; on a thread of the loop.</summary>
    public static void GoOn(object? readiness) => ((Readiness)readiness!)._source.SetResult(true);

    public void Dispose() => _loop.Remove(_id);

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    // Whoever ends a wait is on a thread of the loop.
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}
