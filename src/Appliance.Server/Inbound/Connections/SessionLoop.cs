using System.Collections.Concurrent;

namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// As many threads as there are processors hold all sessions: each takes whatever can go on next, runs it until it has to wait, and takes the next, so that a
/// step costs a change of thread only when nothing else is to be done. What a session awaits comes back here, to any of the threads. What takes long
/// belongs elsewhere.
/// </summary>
internal sealed class SessionLoop : SynchronizationContext, IDisposable
{
    private const int MostFound = 16;

    /// <summary>Steps after which a thread looks who has said something, though others have more to do: they might always have.</summary>
    private const int MostSteps = 16;

    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _due = new();
    private readonly ConcurrentDictionary<ulong, Readiness> _files = new();
    private ulong _lastId;
    private int _threads;
    private int _sleeping; // or about to
    private int _isWoken; // by a thread that has not looked yet
    private volatile bool _isOver;

    private SessionLoop()
    {
    }

    private static int MostThreads => Math.Max(2, Environment.ProcessorCount);

    /// <summary>Null on a system that does not have epoll, where sessions run in the thread pool.</summary>
    /// <exception cref="IOException">The system has no more files or threads.</exception>
    public static SessionLoop? Start()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var loop = new SessionLoop { _threads = MostThreads };
        for (var started = 0; started < MostThreads; started++)
        {
            try
            {
                new Thread(loop.Run) { IsBackground = true, Name = "mail session" }.Start();
            }
            catch (OutOfMemoryException)
            {
                Interlocked.Add(ref loop._threads, started - MostThreads);
                loop.Dispose();
                throw new IOException("The system makes no more threads.");
            }
        }
        return loop;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        _due.Enqueue((d, state));
        if (_isOver)
            LeaveDue();
        else
            Wake();
    }

    /// <summary>The same on a thread of the loop, which takes it when its step is over.</summary>
    public void Next(SendOrPostCallback callback, object? state) => _due.Enqueue((callback, state));

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Ends the threads. Sessions that wait for their peer are left as they are; whatever else they await goes on in the thread pool.</summary>
    public void Dispose()
    {
        _isOver = true;
        Wake();
        if (Volatile.Read(ref _threads) == 0)
            End();
    }

    internal Epoll Epoll { get; } = new();

    /// <summary>Somebody could go on, had a thread time.</summary>
    internal bool HasDue => !_due.IsEmpty;

    /// <returns>The token of its file.</returns>
    internal ulong Add(Readiness file)
    {
        var id = Interlocked.Increment(ref _lastId);
        _files[id] = file;
        return id;
    }

    internal void Remove(ulong id) => _files.TryRemove(id, out _);

    private void Run()
    {
        SetSynchronizationContext(this);
        for (var steps = 1; !_isOver; steps++)
        {
            if (steps <= MostSteps && _due.TryDequeue(out var due))
            {
                due.Callback(due.State);
                continue;
            }
            steps = 0;
            Look();
        }
        Wake(); // the next of them
        if (Interlocked.Decrement(ref _threads) == 0)
            End();
    }

    /// <summary>Has those go on who have said something. It sleeps until there are some, unless something else is to be done.</summary>
    private void Look()
    {
        Span<FileEvent> found = stackalloc FileEvent[MostFound];
        Interlocked.Increment(ref _sleeping);
        var count = Epoll.Wait(found, isPatient: _due.IsEmpty && !_isOver);
        Interlocked.Decrement(ref _sleeping);
        foreach (var (token, hasEnded) in found[..count])
        {
            if (token == Epoll.Woken)
                Volatile.Write(ref _isWoken, 0);
            else if (_files.TryGetValue(token, out var file) && file.Found(hasEnded))
                _due.Enqueue((Readiness.GoOn, file));
        }
        if (_due.Count > 1)
            Wake(); // there is work for another
    }

    private void Wake()
    {
        if (Volatile.Read(ref _sleeping) > 0 && Interlocked.Exchange(ref _isWoken, 1) == 0)
            Epoll.Wake();
    }

    private void End()
    {
        Epoll.Dispose();
        LeaveDue();
    }

    private void LeaveDue()
    {
        while (_due.TryDequeue(out var due))
            ThreadPool.UnsafeQueueUserWorkItem(static left => left.Callback(left.State), due, preferLocal: false);
    }
}
