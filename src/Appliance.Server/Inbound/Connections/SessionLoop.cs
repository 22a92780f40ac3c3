using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// A thread that holds sessions: it takes whichever can go on next, runs it until it has to wait, and takes the next, so that a
/// step costs a change of thread only when nothing else is to be done. What a session awaits comes back here. Steps that need much code and memory
/// are gathered (<see cref="Gather"/>) until no other is left, and taken one after the other: the first has fetched what the next ones need into the processor's
/// cache. What takes long belongs elsewhere.
/// </summary>
internal sealed class SessionLoop : SynchronizationContext, IDisposable
{
    private const int MostFound = 16;

    /// <summary>Steps after which it looks who has said something, though others have more to do: they might always have.</summary>
    private const int MostSteps = 16;

    /// <summary>Steps that may come before gathered ones: there might always be some.</summary>
    private const int MostBefore = 256;

    /// <summary>Gathered steps that are taken in a row.</summary>
    private const int MostGathered = 32;

    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _due = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _gathered = new(); // of the thread only
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

    /// <summary>Who awaits it goes on when the loop has nothing else to do, with all that do the same, in their order. Outside of a loop: at once.</summary>
    /// <param name="others">If fewer are gathered, it goes on at once.</param>
    public static Gathering Gather(int others = 0) => new(Current is SessionLoop loop && loop._gathered.Count >= others ? loop : null);

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
        var before = 0;
        while (!_isOver)
        {
            var steps = 0;
            for (; steps < MostSteps && _due.TryDequeue(out var due); steps++)
                due.Callback(due.State);
            if (_gathered.Count > 0 && steps < MostSteps)
                Thread.Yield(); // a peer on this processor may be about to say something
            Look();
            before = _gathered.Count > 0 ? before + steps : 0;
            if (_due.IsEmpty || before >= MostBefore)
            {
                TakeGathered();
                before = 0;
            }
        }
        Epoll.Dispose();
        while (_gathered.TryDequeue(out var step))
            _due.Enqueue(step);
        LeaveDue();
    }

    private void TakeGathered()
    {
        for (var left = MostGathered; left > 0 && _gathered.TryDequeue(out var step); left--)
            step.Callback(step.State);
    }

    /// <summary>Has those go on who have said something. It sleeps until there are some, unless something else is to be done.</summary>
    private void Look()
    {
        Span<FileEvent> found = stackalloc FileEvent[MostFound];
        Interlocked.Exchange(ref _sleeping, 1);
        var count = Epoll.Wait(found, isPatient: _due.IsEmpty && _gathered.Count == 0 && !_isOver);
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

    /// <summary>What is awaited.</summary>
    /// <param name="loop">Null: nothing is to be waited for.</param>
    internal readonly struct Gathering(SessionLoop? loop) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => loop is null;

        public Gathering GetAwaiter() => this;

        public void GetResult()
        {
            // Nothing comes of it but its time.
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation) => loop!._gathered.Enqueue((static goOn => ((Action)goOn!)(), continuation));
    }
}
