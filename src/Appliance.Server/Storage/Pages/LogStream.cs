using System.Buffers;

namespace Appliance.Server.Storage.Pages;

/// <summary>
/// The write-ahead log. Pages gather, sealed, and are written a mebibyte at a time; <see cref="Barrier"/> writes what is left of the group
/// and syncs it. One sync is enough: the tags say how far an interrupted write came, and only whole groups count.
/// </summary>
internal sealed class LogStream(IPageFile file, FrameSealer sealer, Failure failure) : PageStream
{
    internal const int ConfirmOffset = 18; // LiteDB BasePage.P_IS_CONFIRMED: set on the last page of a transaction
    private const int WriteAtOnce = 128; // frames, about 1 MiB
    private static readonly TimeSpan ConfirmDeadline = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _confirmed = new();
    private readonly ArrayBufferWriter<byte> _gathered = new(WriteAtOnce * FrameLength);
    private readonly byte[] _frame = new byte[FrameLength];
    private uint _durable;       // pages of acknowledged groups on the disk
    private uint _written;       // pages behind them: written, not synced
    private ulong _lastGroup;    // highest group number ever used, torn ones included
    private bool _tail;          // something lies behind the last whole group

    public ulong Round { get; private set; }

    public ulong Acknowledged { get; private set; }

    public uint Pages => _durable + _written + GatheredPages;

    public override long Length => (long)Pages * PageLength;

    private uint GatheredPages => (uint)(_gathered.WrittenCount / FrameLength);

    /// <summary>Finds the end of the log: the last whole group of this round.</summary>
    /// <exception cref="StoreDamagedException">A group that had been acknowledged is missing or was changed.</exception>
    public void Load(ulong round, ulong checkpointed, Mark mark)
    {
        var found = LogScan.Read(file, sealer, round, checkpointed);
        if (found.DamagedPage is { } page)
            throw new StoreDamagedException($"Page {page} of store/log was changed or lost. Restore the newest backup.");
        if (mark.Round > round || mark.Group > found.Group)
            throw new StoreDamagedException(
                $"The store ends at group {found.Group} but had acknowledged group {mark.Group}. Restore the newest backup.");
        Round = round;
        _durable = found.Pages;
        Acknowledged = found.Group;
        _lastGroup = found.HighestGroup;
        _tail = file.Length > (long)found.Pages * FrameLength;
    }

    /// <summary>Waits until LiteDB has handed over the confirm page of its commit, then makes the group durable.</summary>
    /// <exception cref="StoreFailedException">It could not be written; the group must not be acknowledged.</exception>
    public void Barrier()
    {
        failure.ThrowIfHappened();
        if (!_confirmed.Wait(ConfirmDeadline))
            failure.Record(new TimeoutException("LiteDB did not finish a commit."));
        _confirmed.Reset();
        failure.ThrowIfHappened();
        try
        {
            WriteGathered();
            file.Sync();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            failure.Record(error);
        }
        failure.ThrowIfHappened();
        lock (_gate)
        {
            (_durable, _written) = (_durable + _written, 0);
            Acknowledged = _lastGroup;
        }
    }

    /// <summary>
    /// Drops what was not acknowledged, so that a new engine finds the log as it was promised; touches no file. What of it
    /// reached the disk is cut off before the next group is written.
    /// </summary>
    public void Forget()
    {
        lock (_gate)
        {
            _written = 0;
            _gathered.ResetWrittenCount();
            _confirmed.Reset();
            _tail = true;
        }
    }

    /// <summary>Begins the next round with an empty log, once the data file holds all of this one.</summary>
    public void StartRound(ulong round)
    {
        lock (_gate)
        {
            Round = round;
            _durable = 0;
            _tail = true;
        }
        CutTail(); // so that what was destroyed is gone
    }

    /// <summary>What an interrupted write left must not be taken for a later group.</summary>
    /// <exception cref="IOException">It could not be cut off.</exception>
    public void CutTail()
    {
        if (!_tail)
            return;
        file.SetLength((long)_durable * FrameLength);
        file.Sync();
        _tail = false;
    }

    /// <summary>LiteDB flushes after every page; <see cref="Barrier"/> does it once.</summary>
    public override void Flush()
    {
    }

    /// <summary>LiteDB empties the log after a checkpoint; by then the data stream has done so, unless it failed.</summary>
    public override void SetLength(long value)
    {
        if (value != 0)
            throw new NotSupportedException($"The log is only ever emptied, not cut to {value} bytes.");
    }

    protected override void ReadPage(uint page, Span<byte> plaintext)
    {
        lock (_gate)
        {
            var gathered = (long)page - _durable - _written;
            ReadOnlySpan<byte> frame = _frame;
            var isRead = true;
            if (gathered >= 0 && gathered < GatheredPages)
                frame = _gathered.WrittenSpan.Slice((int)gathered * FrameLength, FrameLength);
            else
                isRead = file.TryRead(_frame, (long)page * FrameLength);
            if (!isRead || !sealer.TryOpen(page, frame, plaintext, out _))
                throw new StoreDamagedException($"Page {page} of store/log was changed or lost. Restore the newest backup.");
        }
    }

    protected override void WritePage(uint page, ReadOnlySpan<byte> plaintext)
    {
        lock (_gate)
        {
            if (page != Pages)
                throw new NotSupportedException($"The log is written in order; page {page} came instead of {Pages}.");
            if (page == _durable)
                _lastGroup++;
            var frame = _gathered.GetSpan(FrameLength)[..FrameLength];
            sealer.Seal(new FrameFields(_lastGroup, Round, Acknowledged), page, plaintext, frame);
            _gathered.Advance(FrameLength);
        }
        if (GatheredPages >= WriteAtOnce && !failure.Happened)
            TryWriteGathered();
        if (plaintext[ConfirmOffset] != 0)
            _confirmed.Set();
    }

    private void TryWriteGathered()
    {
        try
        {
            WriteGathered();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            failure.Record(error); // the pages stay here for who reads them until the engine is opened anew
        }
    }

    /// <summary>Readers go on meanwhile.</summary>
    /// <exception cref="IOException">It was not all written; the group must not be acknowledged.</exception>
    private void WriteGathered()
    {
        CutTail();
        file.Write(_gathered.WrittenSpan, (long)(_durable + _written) * FrameLength);
        lock (_gate)
        {
            _written += GatheredPages;
            _gathered.ResetWrittenCount();
        }
    }

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        sealer.Dispose();
        _confirmed.Dispose();
        base.Dispose(disposing);
    }
}
