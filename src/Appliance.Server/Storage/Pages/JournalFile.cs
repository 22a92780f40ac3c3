using System.Buffers.Binary;

namespace Appliance.Server.Storage.Pages;

/// <summary>One of the journal's two files: records from its start on, each length 4 ‖ frame (<see cref="FrameSealer"/>), at the next multiple of 4,096 bytes.</summary>
internal sealed class JournalFile(IPageFile file, FrameSealer sealer, PageFileKind kind) : IDisposable
{
    internal const int Block = 4096; // where records begin, so that those behind a damaged one are found
    private const int LengthBytes = sizeof(int);
    private const int KeptBuffer = 1 << 20;
    private byte[] _record = [];
    private long _end;
    private bool _tail; // what was not acknowledged may lie behind the end

    /// <summary>It holds groups that may be nowhere else.</summary>
    public bool IsNeeded => _end > 0;

    /// <summary>The group that the first record claims to be; 0 where there is none.</summary>
    public ulong First => NumberAt(0);

    /// <summary>Adds the groups that follow <paramref name="last"/> to <paramref name="groups"/>.</summary>
    /// <returns>The last group that is there now.</returns>
    /// <exception cref="IOException">What is there could not be made durable.</exception>
    public ulong Load(ulong last, List<byte[]> groups)
    {
        _end = 0;
        // It may begin with groups that the page files have after all: feeding them failed, and was not undone when the machine stopped.
        var (number, end) = (First, 0L);
        while (number <= last + 1 && NumberAt(end) == number && TryRead(end, out _) is { } group)
        {
            end = EndOf(end, group.Length);
            if (number == last + 1)
            {
                groups.Add(group);
                (last, _end) = (number, end);
            }
            number++;
        }
        if (IsNeeded)
            file.Sync(); // a process that was killed may have left it in the system's memory only
        return last;
    }

    /// <summary>Whether there is an intact group of a higher number behind what was loaded.</summary>
    public bool HasMoreThan(ulong last)
    {
        for (var offset = _end; offset < file.Length; offset += Block)
            if (NumberAt(offset) > last && TryRead(offset, out _) is not null)
                return true;
        return false;
    }

    /// <summary>Makes a group durable.</summary>
    /// <exception cref="IOException">It is not, and must not be acknowledged.</exception>
    public void Append(FrameFields fields, ReadOnlySpan<byte> group)
    {
        CutTail();
        var frameLength = group.Length + FrameSealer.Overhead;
        if (_record.Length < LengthBytes + frameLength)
            _record = new byte[LengthBytes + frameLength];
        var record = _record.AsSpan(0, LengthBytes + frameLength);
        BinaryPrimitives.WriteInt32BigEndian(record, frameLength);
        sealer.Seal(fields, PageOf(_end), group, record[LengthBytes..]);
        _tail = true;
        file.Write(record, _end);
        file.Sync();
        _tail = false;
        _end = EndOf(_end, group.Length);
        if (_record.Length > KeptBuffer)
            _record = [];
    }

    /// <summary>All of it is in the page files: the next group takes the place of the first.</summary>
    public void Restart() => _end = 0;

    /// <summary>Leaves nothing of what has become part of the page files.</summary>
    /// <exception cref="IOException">Something may be left.</exception>
    public void Wipe()
    {
        if (IsNeeded)
            throw new InvalidOperationException("The journal holds groups that are nowhere else.");
        if (file.Length == 0)
            return;
        file.SetLength(0);
        file.Sync();
        _tail = false;
    }

    /// <summary>A group that failed must not be there after all when the store is opened next.</summary>
    /// <exception cref="IOException">It may be.</exception>
    public void CutTail()
    {
        if (!_tail)
            return;
        file.SetLength(_end);
        file.Sync();
        _tail = false;
    }

    /// <summary>Every record that can be opened, whether it counts or not.</summary>
    public IEnumerable<ScannedPage> Scan()
    {
        for (var offset = 0L; offset < file.Length; offset += Block)
            if (TryRead(offset, out var fields) is { } content)
                yield return new ScannedPage(kind, PageOf(offset), Intact: true, fields, content);
    }

    public void Dispose()
    {
        file.Dispose();
        sealer.Dispose();
    }

    private static long EndOf(long offset, int contentLength) =>
        (offset + LengthBytes + FrameSealer.Overhead + contentLength + Block - 1) / Block * Block;

    private static uint PageOf(long offset) => checked((uint)(offset / Block));

    private ulong NumberAt(long offset)
    {
        Span<byte> head = stackalloc byte[LengthBytes + FrameSealer.Overhead];
        return file.TryRead(head, offset) ? FrameSealer.GroupOf(head[LengthBytes..]) : 0;
    }

    private byte[]? TryRead(long offset, out FrameFields fields)
    {
        fields = default;
        Span<byte> length = stackalloc byte[LengthBytes];
        if (!file.TryRead(length, offset))
            return null;
        var frameLength = BinaryPrimitives.ReadInt32BigEndian(length);
        if (frameLength < FrameSealer.Overhead || frameLength > file.Length - offset - LengthBytes)
            return null;
        var frame = new byte[frameLength];
        var content = new byte[frameLength - FrameSealer.Overhead];
        return file.TryRead(frame, offset + LengthBytes) && sealer.TryOpen(PageOf(offset), frame, content, out fields) ? content : null;
    }
}
