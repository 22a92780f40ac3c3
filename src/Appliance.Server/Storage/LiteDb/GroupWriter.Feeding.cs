namespace Appliance.Server.Storage.LiteDb;

/// <summary>What the writer does with the engine behind the journal: feeding it, moving its log, and the mark that says how far the log came.</summary>
internal sealed partial class GroupWriter
{
    private const uint CheckpointPages = 1024; // 8 MiB of log
    private uint _checkpointAt = CheckpointPages;
    private ulong? _markFailed; // the group whose mark could not be written
    private bool _feedFailed; // since the last group
    private Feed? _feed; // at work; what it touches is left alone

    /// <summary>Gives the engine what the journal holds, and waits for it.</summary>
    /// <exception cref="StoreFailedException">It was not taken; the journal keeps it.</exception>
    private void FeedAll()
    {
        EndFeed();
        if (_rows.Pending.IsEmpty)
            return;
        var with = WithFed();
        var rows = _rows.BeginFeed();
        var isFed = false;
        try
        {
            _rows.Feed(rows, with);
            isFed = true;
        }
        finally
        {
            _rows.EndFeed(isFed);
        }
        _journal.Restart();
    }

    private void TryFeedAll()
    {
        try
        {
            EndFeed();
            if (_pages.Recover())
                FeedAll();
        }
        catch (StoreFailedException error)
        {
            Recover(error);
            _feedFailed = true; // tried again after the next group
        }
    }

    /// <summary>Has the engine fed beside what comes next, and the log moved when it has grown; all at once when that did not work the last time.</summary>
    private void BeginFeed()
    {
        if (!_journal.CanTurn)
        {
            TryFeedAll();
            return;
        }
        try
        {
            if (!_pages.Recover())
                return;
            var with = WithFed();
            _journal.Turn();
            var rows = _rows.BeginFeed();
            _feed = new Feed(
                () =>
                {
                    _rows.Feed(rows, with);
                    if (_log.Pages >= _checkpointAt)
                        TryCheckpoint();
                },
                Wake);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreFailedException)
        {
            // The journal goes on in the file it is in, and this is tried again after the next group, until too much waits.
        }
    }

    /// <summary>Waits for the feed that is at work, if there is one.</summary>
    private void EndFeed()
    {
        if (_feed is null)
            return;
        var error = _feed.End();
        _feed = null;
        _rows.EndFeed(isFed: error is null);
        if (error is null)
        {
            _journal.Release();
            return;
        }
        Recover(error);
        _feedFailed = true; // tried again after the next group
    }

    private void Wake()
    {
        lock (_queue)
            Monitor.Pulse(_queue);
    }

    /// <summary>The row that says how much of the journal the engine has, once it has what waits now.</summary>
    /// <exception cref="StoreFailedException">The row as it is cannot be read.</exception>
    private Overlay WithFed()
    {
        var overlay = new Overlay();
        var transaction = new LiteDbTransaction(_rows, overlay);
        try
        {
            transaction.Put(SchemaRow.Rows, transaction.Get(SchemaRow.Rows, SchemaRow.OnlyKey)! with { Fed = _journal.Group });
        }
        catch (StoreDamagedException damaged)
        {
            throw StoreFailedException.Of(damaged);
        }
        return overlay;
    }

    private void Recover(StoreFailedException error)
    {
        if (error.IsOfDisk)
            _space?.ReleaseBallast();
        if (_feed is null)
            _pages.Recover();
    }

    /// <summary>When nobody waits: what opening the store would have to do is done, and the mark says how far it came.</summary>
    private void Settle()
    {
        if (_feed is not null)
            return;
        TryFeedAll();
        WriteMark();
    }

    /// <summary>Moves the log into the data file and wipes the journal; between groups only.</summary>
    /// <exception cref="StoreFailedException">It was not; nothing is lost, and what was destroyed may still be in the files.</exception>
    public void Destroy()
    {
        Checkpoint();
        WipeJournal();
    }

    /// <summary>Moves the log into the data file.</summary>
    /// <exception cref="StoreFailedException">It was not; nothing is lost, and what was destroyed may still be in the files.</exception>
    private void Checkpoint()
    {
        try
        {
            if (!_pages.Recover())
                _failure.ThrowIfHappened();
            _pages.Checkpoint();
            _checkpointAt = CheckpointPages;
        }
        catch (StoreFailedException error)
        {
            Recover(error);
            throw;
        }
        WriteMark();
        _space?.LayBallast();
    }

    /// <summary>What the log holds is durable as it is: a checkpoint that fails is tried again when the log has grown by as much.</summary>
    private void TryCheckpoint()
    {
        try
        {
            Checkpoint();
        }
        catch (StoreFailedException)
        {
            _checkpointAt = _log.Pages + CheckpointPages;
        }
    }

    private void WriteMark()
    {
        if (_failure.Happened || _mark.Group == _log.Acknowledged && _mark.Round == _log.Round)
            return;
        try
        {
            _mark.Write(_log.Acknowledged, _log.Round);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The mark only tells damage from a torn write, and it is written again after the next group.
            _markFailed = _log.Acknowledged;
        }
    }
}
