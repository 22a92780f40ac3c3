using System.Buffers;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>
/// The one thread that writes. It takes the works that wait, runs them in order over one overlay, appends what they wrote to the journal with one
/// sync, and only then answers. The engine is fed when nobody waits or, beside what comes next, when much waits to be fed (<see cref="Feed"/>); while
/// someone looks at the engine itself, every group goes straight into it. What is said here of the engine, the log and the mark is for this thread
/// alone, except while that other one is at it. LiteDB binds a transaction to its thread and needs one without a synchronisation context, hence a thread and not a task.
/// </summary>
internal sealed partial class GroupWriter
{
    private const int MaxGroup = 256;
    private static readonly TimeSpan SettleDelay = TimeSpan.FromMilliseconds(100);
    private readonly Queue<Work> _queue = new();
    private readonly LiteDbPages _pages;
    private readonly CurrentRows _rows;
    private readonly DiskSpace? _space;
    private readonly ArrayBufferWriter<byte> _record = new();
    private LogStream _log;
    private Mark _mark;
    private Journal _journal;
    private Failure _failure;
    private readonly Thread _thread;
    private bool _closing;
    private bool _isJournaling; // not where the row that says how much of the journal the engine has cannot be read
    private int _looking;

    public GroupWriter(LiteDbPages pages, CurrentRows rows, StoreFiles files, DiskSpace? space)
    {
        (_pages, _rows, _log, _mark, _journal, _failure, _space) = (pages, rows, files.Log, files.Mark, files.Journal, files.Failure, space);
        _thread = new Thread(Run) { IsBackground = true, Name = "store writer" };
    }

    /// <summary>Told what each group wrote, once it is durable, on the writer's thread; set there too.</summary>
    public Action<Overlay>? Committed { get; set; }

    /// <summary>Shows what the journal holds, feeds it to the engine, and begins to write.</summary>
    /// <param name="schema">Null when it cannot be read.</param>
    /// <exception cref="StoreDamagedException">The journal is not what was written.</exception>
    public void Start(SchemaRow? schema)
    {
        _isJournaling = schema is not null;
        if (schema is not null)
            Replay(schema.Fed);
        _thread.Start();
    }

    /// <summary>Goes on in other files; on the writer's thread only.</summary>
    public void GoOnIn(StoreFiles files)
    {
        var fed = _journal.Group; // these files were made while it was not used, and numbers go on
        (_log, _mark, _journal, _failure) = (files.Log, files.Mark, files.Journal, files.Failure);
        (_checkpointAt, _markFailed) = (CheckpointPages, null);
        Replay(fed);
    }

    /// <summary>Once this returns, and until <see cref="EndLook"/>, the engine has all that was acknowledged, and the journal nothing.</summary>
    /// <exception cref="StoreFailedException">The engine does not take what waits.</exception>
    public async Task BeginLookAsync()
    {
        Interlocked.Increment(ref _looking);
        try
        {
            await BetweenGroupsAsync(WipeJournal);
        }
        catch
        {
            EndLook();
            throw;
        }
    }

    public void EndLook() => Interlocked.Decrement(ref _looking);

    public void Enqueue(Work work)
    {
        lock (_queue)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            _queue.Enqueue(work);
            Monitor.Pulse(_queue);
        }
    }

    /// <summary>Runs <paramref name="action"/> on the writer's thread when the group it falls into is over.</summary>
    public Task BetweenGroupsAsync(Action action)
    {
        var pause = new Pause(action);
        Enqueue(pause);
        return pause.Completion;
    }

    /// <summary>Finishes what is queued, writes the mark and ends the thread.</summary>
    public void Close()
    {
        lock (_queue)
        {
            _closing = true;
            Monitor.Pulse(_queue);
        }
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
            End();
        else
            _thread.Join();
    }

    private void Run()
    {
        var group = new List<Work>();
        while (Take(group))
        {
            var hasEnded = _feed is { IsOver: true };
            if (hasEnded)
                EndFeed();
            if (group.Count > 0)
                Write(group);
            else if (!hasEnded)
                Settle();
            group.Clear();
        }
        End();
    }

    private void End()
    {
        EndFeed();
        Settle();
        try
        {
            _log.CutTail(); // so that what was refused is not there after all when the store is opened next
            _journal.CutTail();
            if (_rows.Pending.IsEmpty)
                _journal.Wipe();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It was never acknowledged; nothing depends on it.
        }
    }

    /// <summary>Waits for works; false at the end, and an empty group when a feed is over or it is time to settle.</summary>
    private bool Take(List<Work> group)
    {
        if (!Wait())
            return false;
        Thread.Yield(); // where processors are busy, who is about to enqueue comes first, and shares this group's sync
        lock (_queue)
        {
            while (_queue.Count > 0 && group.Count < MaxGroup && group.LastOrDefault() is not Pause)
                group.Add(_queue.Dequeue());
        }
        return true;
    }

    private bool Wait()
    {
        lock (_queue)
        {
            while (_queue.Count == 0)
            {
                if (_closing)
                    return false;
                if (_feed is { IsOver: true })
                    return true;
                var feedIsDue = _feed is null && !_rows.Pending.IsEmpty && !_feedFailed;
                var markIsDue = _feed is null && _mark.Group != _log.Acknowledged && _markFailed != _log.Acknowledged && !_failure.Happened;
                if (!Monitor.Wait(_queue, feedIsDue || markIsDue ? SettleDelay : Timeout.InfiniteTimeSpan))
                    return true;
            }
        }
        return true;
    }

    private void Write(List<Work> group)
    {
        group.RemoveAll(work => work.CancelIfAsked());
        if (TryWrite(group) is { } error)
            WriteOneByOne(group, error);
        if (_feed is not null)
            return;
        if (_rows.Pending.Waiting.IsLarge)
            BeginFeed();
        else if (_log.Pages >= _checkpointAt)
            TryCheckpoint();
    }

    /// <summary>Runs the works, makes what they wrote durable and answers them; or says why not, and then none was answered.</summary>
    private StoreFailedException? TryWrite(List<Work> works)
    {
        try
        {
            if (_rows.Pending.Waiting.IsTooLarge)
            {
                EndFeed();
                BeginFeed();
            }
            if (_feed is null && !_pages.Recover())
                _failure.ThrowIfHappened();
            var isDirect = !_isJournaling || Volatile.Read(ref _looking) > 0 || works.Exists(work => work is Pause);
            if (isDirect || _rows.Pending.Waiting.IsTooLarge)
                FeedAll();
            var overlay = new Overlay();
            foreach (var work in works)
            {
                if (work.Run(new LiteDbTransaction(_rows, overlay)))
                    overlay.Keep();
                else
                    overlay.Undo();
            }
            if (isDirect)
                _rows.Commit(overlay);
            else
                Append(overlay);
            Committed?.Invoke(overlay);
        }
        catch (StoreFailedException error)
        {
            Recover(error);
            return error;
        }
        foreach (var work in works)
            work.Finish();
        return null;
    }

    /// <summary>One work may be what a group failed of, so each is tried again by itself; not for long when it is the disk that fails.</summary>
    private void WriteOneByOne(List<Work> group, StoreFailedException error)
    {
        const int enough = 2;
        var diskErrors = 0;
        foreach (var work in group)
        {
            if (diskErrors < enough)
            {
                if (TryWrite([work]) is not { } again)
                    continue;
                error = again;
                diskErrors += again.IsOfDisk ? 1 : 0;
            }
            work.Fail(error);
        }
    }

    private void Append(Overlay group)
    {
        if (group.IsEmpty)
            return;
        _record.ResetWrittenCount();
        GroupCodec.Write(group, _record);
        try
        {
            _journal.Append(_record.WrittenSpan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreFailedException.Of(error);
        }
        _rows.Acknowledge(group);
        _feedFailed = false;
    }

    private void Replay(ulong fed)
    {
        try
        {
            foreach (var group in _journal.Load(fed))
                _rows.Acknowledge(GroupCodec.Read(group));
        }
        catch (IOException error)
        {
            _failure.Record(error);
        }
        TryFeedAll();
    }

    private void WipeJournal()
    {
        try
        {
            _journal.Wipe();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreFailedException.Of(error);
        }
    }
}
