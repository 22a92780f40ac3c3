using System.Collections.Concurrent;

namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// A thread that holds sessions: it takes whichever can go on next, runs it until it has to wait, and takes the next, so that a
/// step costs a change of thread only when nothing else is to be done. What a session awaits comes back here. What takes long belongs elsewhere.
/// </summary>
internal sealed class SessionLoop : SynchronizationContext, IDisposable
{
    private const int MostFound = 16;

    /// <summary>Steps after which it looks who has said something, though others have more to do: they might always have.</summary>
    private const int MostSteps = 16;

    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _due = new();
    private readonly ConcurrentDictionary<ulong, Readiness> _files = new();
    private ulong _lastId;
    private int _held;
    private int _sleeping; // or about to
    private int _isWoken; // and has not looked yet
    private volatile bool _isOver;

    /// <exception cref="IOException">The system has no more files.</exception>
    /// <exception cref="OutOfMemoryException">The system makes no more threads.</exception>
    public SessionLoop() => Start(Run);

    /// <param name="processor">Where it runs.</param>
    /// <inheritdoc cref="SessionLoop()"/>
    public SessionLoop(int processor)
    {
        Processor = processor;
        Start(() => Processors.Stay(processor, Run));
    }

    /// <summary>Where it runs; null: where the system likes.</summary>
    public int? Processor { get; }

    /// <summary>Sessions and ports.</summary>
    public int Held => Volatile.Read(ref _held);

    public override void Post(SendOrPostCallback d, object? state)
    {
        _due.Enqueue((d, state));
        if (_isOver)
            LeaveDue();
        else
            Wake();
    }

    /// <summary>The same on the thread of the loop, which takes it when its step is over.</summary>
    public void Next(SendOrPostCallback callback, object? state) => _due.Enqueue((callback, state));

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Ends the thread. Sessions that wait for their peer are left as they are; whatever else they await goes on in the thread pool.</summary>
    public void Dispose()
    {
        _isOver = true;
        Wake();
    }

    internal Epoll Epoll { get; } = new();

    /// <summary>Somebody could go on, had the thread time.</summary>
    internal bool HasDue => !_due.IsEmpty;

    /// <returns>The token of its file.</returns>
    internal ulong Add(Readiness file)
    {
        var id = Interlocked.Increment(ref _lastId);
        _files[id] = file;
        Interlocked.Increment(ref _held);
        return id;
    }

    internal void Remove(ulong id)
    {
        if (_files.TryRemove(id, out _))
            Interlocked.Decrement(ref _held);
    }

    private void Start(Action run)
    {
        try
        {
            new Thread(run.Invoke) { IsBackground = true, Name = "mail session" }.Start();
        }
        catch (OutOfMemoryException)
        {
            Epoll.Dispose();
            throw;
        }
    }

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
        Epoll.Dispose();
        LeaveDue();
    }

    /// <summary>Has those go on who have said something. It sleeps until there are some, unless something else is to be done.</summary>
    private void Look()
    {
        Span<FileEvent> found = stackalloc FileEvent[MostFound];
        Interlocked.Exchange(ref _sleeping, 1);
        var count = Epoll.Wait(found, isPatient: _due.IsEmpty && !_isOver);
        Volatile.Write(ref _sleeping, 0);
        foreach (var (token, hasEnded) in found[..count])
        {
            if (token == Epoll.Woken)
                Volatile.Write(ref _isWoken, 0);
            else if (_files.TryGetValue(token, out var file) && file.Found(hasEnded))
                _due.Enqueue((Readiness.GoOn, file));
        }
    }

    private void Wake()
    {
        if (Volatile.Read(ref _sleeping) > 0 && Interlocked.Exchange(ref _isWoken, 1) == 0)
            Epoll.Wake();
    }

    private void LeaveDue()
    {
        while (_due.TryDequeue(out var due))
            ThreadPool.UnsafeQueueUserWorkItem(static left => left.Callback(left.State), due, preferLocal: false);
    }
}
