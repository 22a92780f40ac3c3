using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Appliance.Server.Storage.Pages;

/// <summary>
/// The data file: a preamble {magic 8, format 2, store id 16, zeros to 64}, page 0 in two copies (LiteDB reads it before the log,
/// so it is never overwritten in place), then pages 1, 2, … LiteDB writes here only during a checkpoint; the pages gather and are
/// written some at a time, in order; at its flush come sync, page 0 with the next round, sync, and only then does the log, which has all of
/// them until then, start over.
/// </summary>
internal sealed class DataStream : PageStream
{
    public const int PreambleLength = 64;
    public const int StoreIdLength = 16;
    public const ushort Format = 1;
    private const int WriteAtOnce = 128; // frames, about 1 MiB
    private const int MostCollected = 512; // pages, 4 MiB
    private readonly Lock _gate = new();
    private readonly SortedDictionary<uint, byte[]> _collected = [];
    private readonly Stack<byte[]> _spare = []; // for the pages of the next checkpoint
    private readonly byte[] _frame = new byte[FrameLength];
    private readonly IPageFile _file;
    private readonly FrameSealer _sealer;
    private readonly LogStream _log;
    private readonly Failure _failure;
    private byte[]? _header;
    private uint _pages;
    private bool _isCheckpointing; // something was written since the last flush
    private ulong? _unsettled; // a round whose page 0 was written but perhaps not kept

    public DataStream(IPageFile file, FrameSealer sealer, LogStream log, Failure failure) =>
        (_file, _sealer, _log, _failure) = (file, sealer, log, failure);

    private static ReadOnlySpan<byte> Magic => "APPLDATA"u8;

    public override long Length => (long)_pages * PageLength;

    public ulong Round { get; private set; }

    /// <summary>The last group the last checkpoint holds.</summary>
    public ulong Group { get; private set; }

    public static byte[] CreatePreamble(IPageFile file)
    {
        var preamble = new byte[PreambleLength];
        Magic.CopyTo(preamble);
        BinaryPrimitives.WriteUInt16BigEndian(preamble.AsSpan(8), Format);
        var storeId = RandomNumberGenerator.GetBytes(StoreIdLength);
        storeId.CopyTo(preamble, 10);
        file.Write(preamble, 0);
        return storeId;
    }

    /// <exception cref="StoreDamagedException">This is no store, or one of a newer version.</exception>
    public static byte[] ReadStoreId(IPageFile file)
    {
        var preamble = new byte[PreambleLength];
        if (file.Read(preamble, 0) != PreambleLength || !preamble.AsSpan().StartsWith(Magic))
            throw new StoreDamagedException("store/data is not a store of this service. Check Data:Path, or restore a backup.");
        var format = BinaryPrimitives.ReadUInt16BigEndian(preamble.AsSpan(8));
        if (format != Format)
            throw new StoreDamagedException(
                $"store/data has format {format}; this version reads format {Format}. Install the version that wrote it.");
        return preamble.AsSpan(10 + StoreIdLength).ContainsAnyExcept((byte)0)
            ? throw new StoreDamagedException("The first bytes of store/data were changed. Restore the newest backup.")
            : preamble[10..(10 + StoreIdLength)];
    }

    /// <summary>The store's id wherever it should be, for reading what is left of a store that does not open.</summary>
    public static byte[] SalvageStoreId(IPageFile file)
    {
        var storeId = new byte[StoreIdLength];
        file.TryRead(storeId, 10);
        return storeId;
    }

    /// <summary>Where page 0's copy of a round (or, from page 1, the page) lies.</summary>
    public static long OffsetOf(uint page, ulong round) =>
        PreambleLength + (page == 0 ? (long)(round & 1) : page + 1L) * FrameLength;

    /// <summary>Reads page 0: the intact copy of the later round.</summary>
    /// <exception cref="StoreDamagedException">Neither copy is intact.</exception>
    public void Load()
    {
        for (var copy = 0ul; copy < 2; copy++)
        {
            var page = new byte[PageLength];
            if (!_file.TryRead(_frame, OffsetOf(0, copy)) || !_sealer.TryOpen(0, _frame, page, out var fields))
                continue;
            if (_header is null || fields.Round > Round)
                (_header, Round, Group) = (page, fields.Round, fields.Group);
        }
        if (_header is null)
            throw new StoreDamagedException(
                "Both copies of page 0 of store/data are unreadable, or the store key is not this store's. Check the key; otherwise restore a backup.");
        CountPages();
    }

    /// <summary>Drops the pages of a checkpoint that failed, all of which the log still holds; touches no file.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            ClearCollected();
            _collected.Remove(0);
            _isCheckpointing = false;
        }
        CountPages();
    }

    /// <summary>
    /// Takes back the page 0 of a checkpoint whose end is not known, so that the round is certain before the log grows: were that copy to
    /// turn up after a power cut, it would declare over what the log has gained since.
    /// </summary>
    /// <exception cref="IOException">It could not be written; nothing may be written to the log.</exception>
    public void Settle()
    {
        if (_unsettled is not { } round)
            return;
        _file.Write(new byte[FrameLength], OffsetOf(0, round));
        _file.Sync();
        _unsettled = null;
    }

    /// <summary>LiteDB's end of a checkpoint (or of creating the store).</summary>
    public override void Flush()
    {
        if (_isCheckpointing)
            Try(EndCheckpoint);
    }

    public override void SetLength(long value) => throw new NotSupportedException("The data file is never cut.");

    protected override void ReadPage(uint page, Span<byte> plaintext)
    {
        lock (_gate)
        {
            if (_collected.TryGetValue(page, out var collected))
                collected.CopyTo(plaintext);
            else if (page == 0 && _header is not null)
                _header.CopyTo(plaintext);
            else if (!_file.TryRead(_frame, OffsetOf(page, 0)) || !_sealer.TryOpen(page, _frame, plaintext, out _))
                throw new StoreDamagedException($"Page {page} of store/data was changed or lost. Restore the newest backup.");
        }
    }

    protected override void WritePage(uint page, ReadOnlySpan<byte> plaintext)
    {
        lock (_gate)
        {
            if (_collected.TryGetValue(page, out var collected))
                plaintext.CopyTo(collected);
            else
            {
                var kept = _spare.TryPop(out var spare) ? spare : new byte[PageLength];
                plaintext.CopyTo(kept);
                _collected[page] = kept;
            }
            _pages = Math.Max(_pages, page + 1);
            _isCheckpointing = true;
        }
        if (_collected.Count >= MostCollected)
            Try(WriteCollected);
    }

    /// <summary>Where it fails, the log still holds every page, and reads find here what is not in the file.</summary>
    private void Try(Action write)
    {
        if (_failure.Happened)
            return;
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _failure.Record(error);
        }
    }

    private void EndCheckpoint()
    {
        var isNew = _header is null;
        WriteCollected();
        _file.Sync();
        var header = _collected.GetValueOrDefault(0u) ?? _header!;
        var round = isNew ? 0 : Round + 1;
        var frame = new byte[FrameLength];
        _sealer.Seal(new FrameFields(_log.Acknowledged, round, _log.Acknowledged), 0, header, frame);
        _unsettled = round;
        _file.Write(frame, OffsetOf(0, round));
        _file.Sync();
        _unsettled = null;
        lock (_gate)
        {
            (_header, Round, Group) = (header, round, _log.Acknowledged);
            _collected.Remove(0);
            _isCheckpointing = false;
        }
        _log.StartRound(round);
    }

    /// <summary>All but page 0, which is written last.</summary>
    private void ClearCollected()
    {
        var header = _collected.GetValueOrDefault(0u);
        foreach (var (page, plaintext) in _collected)
            if (page != 0 && _spare.Count < MostCollected)
                _spare.Push(plaintext);
        _collected.Clear();
        if (header is not null)
            _collected[0] = header;
    }

    private void CountPages()
    {
        var slots = (_file.Length - PreambleLength) / FrameLength;
        _pages = (uint)Math.Max(1, slots - 1);
    }

    private void WriteCollected()
    {
        var run = new byte[WriteAtOnce * FrameLength];
        var (first, count) = (0u, 0);
        foreach (var (page, plaintext) in _collected)
        {
            if (page == 0)
                continue;
            if (count > 0 && (page != first + count || count == WriteAtOnce))
                WriteRun();
            if (count == 0)
                first = page;
            _sealer.Seal(
                new FrameFields(_log.Acknowledged, Round, _log.Acknowledged), page, plaintext, run.AsSpan(count++ * FrameLength, FrameLength));
        }
        if (count > 0)
            WriteRun();
        lock (_gate)
            ClearCollected();

        void WriteRun()
        {
            _file.Write(run.AsSpan(0, count * FrameLength), OffsetOf(first, 0));
            count = 0;
        }
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        _sealer.Dispose();
        base.Dispose(disposing);
    }
}
