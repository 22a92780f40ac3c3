using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// Waits in a <see cref="SessionLoop"/> until a socket may be ready; what waited goes on there. The socket must not block: it may turn out
/// that it is not.
/// </summary>
internal sealed class Readiness : IValueTaskSource, IDisposable
{
    private const int Unknown = 0, Waiting = 1, Ready = 2;

    private readonly SafeHandle _socket;
    private readonly SessionLoop _loop;
    private readonly ulong _id;
    private readonly ReadyFor _what;
    private ManualResetValueTaskSourceCore<bool> _source;
    private bool _wasAsked;
    private volatile bool _hasEnded; // whoever reads finds that out without waiting
    private int _state;

    /// <exception cref="IOException">The system has no room for it.</exception>
    public Readiness(SafeHandle socket, SessionLoop loop, ReadyFor what = ReadyFor.Reading)
    {
        (_socket, _loop, _what) = (socket, loop, what);
        _id = loop.Add(this);
        if (what != ReadyFor.Reading)
            return;
        try
        {
            loop.Epoll.Add(socket, _id);
        }
        catch
        {
            Dispose();
            throw;
        }
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
            if (_what != ReadyFor.Reading || !_loop.HasDue)
                return default;
            // Others wait for a turn, and this one might always have more to read.
            _loop.Post(GoOn, this);
            return new ValueTask(this, _source.Version);
        }
        if (_what != ReadyFor.Reading)
        {
            _loop.Epoll.AskOnce(_socket, forSending: _what == ReadyFor.Sending, _wasAsked, _id);
            _wasAsked = true;
        }
        return new ValueTask(this, _source.Version);
    }

    /// <summary>The same, and ends with the token; what was ready then is so for the next.</summary>
    /// <exception cref="IOException">The system has no room for it.</exception>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        var waiting = WaitAsync();
        return cancellationToken.CanBeCanceled ? OrCancelledAsync(waiting) : waiting;

        async ValueTask OrCancelledAsync(ValueTask wait)
        {
            using (cancellationToken.UnsafeRegister(static state => ((Readiness)state!).CallOff(), this))
                await wait;
            if (!cancellationToken.IsCancellationRequested)
                return;
            HasMore(); // perhaps: nobody has looked
            throw new OperationCanceledException(cancellationToken);
        }
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

/// <summary>What a socket is waited for.</summary>
internal enum ReadyFor
{
    /// <summary>A connection's peer says something; the system tells it each time.</summary>
    Reading,

    /// <summary>A connection takes more to send.</summary>
    Sending,

    /// <summary>Somebody waits at a port. Connections are taken one by one, and each time it is asked anew.</summary>
    Accepting,
}
