namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// Lends a thread to a session: while it has it, all of the session runs there, so that reading may simply block, which costs a third of what it takes to be
/// called back by the thread pool. A session that has to wait for long gives the thread back with <see cref="Leave"/> and goes on in the thread pool.
/// </summary>
internal sealed class SessionThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _due = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _hasLeft;

    /// <summary>For a session that runs in the thread pool from the first.</summary>
    public static SessionThread None { get; } = new() { _hasLeft = true };

    /// <summary>Whether this is the session's thread, and still lent.</summary>
    public bool MayBlock => Environment.CurrentManagedThreadId == _thread && !Volatile.Read(ref _hasLeft);

    /// <summary>Runs a session on the calling thread until it is over or has left.</summary>
    public static void Run(Func<SessionThread, Task> session)
    {
        var thread = new SessionThread();
        var before = Current;
        SetSynchronizationContext(thread);
        try
        {
            _ = RunToItsEndAsync(thread, session);
            while (thread.Take(out var due))
                due.Callback(due.State);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Begins what does not belong to a session alone: whatever it waits for, it goes on in the thread pool.</summary>
    public static Task<T> Outside<T>(Func<Task<T>> begin)
    {
        var session = Current;
        SetSynchronizationContext(null);
        try
        {
            return begin();
        }
        finally
        {
            SetSynchronizationContext(session);
        }
    }

    /// <summary>What is left of the session runs in the thread pool.</summary>
    public void Leave()
    {
        lock (_due)
        {
            Volatile.Write(ref _hasLeft, true);
            Monitor.Pulse(_due);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_due)
        {
            if (!_hasLeft)
            {
                _due.Enqueue((d, state));
                Monitor.Pulse(_due);
                return;
            }
        }
        ThreadPool.UnsafeQueueUserWorkItem(static due => due.d(due.state), (d, state), preferLocal: false);
    }

    public override SynchronizationContext CreateCopy() => this;

    private static async Task RunToItsEndAsync(SessionThread thread, Func<SessionThread, Task> session)
    {
        try
        {
            await session(thread);
        }
        finally
        {
            thread.Leave();
        }
    }

    private bool Take(out (SendOrPostCallback Callback, object? State) due)
    {
        lock (_due)
        {
            while (!_due.TryDequeue(out due))
            {
                if (_hasLeft)
                    return false;
                Monitor.Wait(_due);
            }
            return true;
        }
    }
}
