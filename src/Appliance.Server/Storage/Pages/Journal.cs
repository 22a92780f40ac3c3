using System.Buffers.Binary;

namespace Appliance.Server.Storage.Pages;

/// <summary>
/// Groups that were acknowledged and are not in the page files yet, a record each: length 4 ‖ frame (<see cref="FrameSealer"/>), at the next multiple
/// of 4,096 bytes. Groups are numbered for as long as the store lives, so what an earlier filling has left behind is told from what counts. One write
/// and one sync make a group durable.
/// </summary>
internal sealed class Journal(IPageFile file, FrameSealer sealer) : IDisposable
{
    internal const int Block = 4096; // where records begin, so that those behind a damaged one are found
    private const int LengthBytes = sizeof(int);
    private const int KeptBuffer = 1 << 20;
    private byte[] _record = [];
    private long _end;
    private bool _tail; // what was not acknowledged may lie behind the end

    /// <summary>The last group that was acknowledged.</summary>
    public ulong Group { get; private set; }

    /// <summary>Reads what the page files lack; they hold all groups up to <paramref name="fed"/>.</summary>
    /// <returns>The groups, oldest first; they are on the medium.</returns>
    /// <exception cref="StoreDamagedException">A group that had been acknowledged is missing or was changed.</exception>
    /// <exception cref="IOException">What is there could not be made durable.</exception>
    public IReadOnlyList<byte[]> Load(ulong fed)
    {
        (Group, _end) = (fed, 0);
        var groups = new List<byte[]>();
        var (number, end) = (NumberAt(file, 0), 0L);
        // It may begin with groups that the page files have after all: feeding them failed, and was not undone when the machine stopped.
        while (number <= Group + 1 && NumberAt(file, end) == number && TryRead(file, sealer, end, out _) is { } group)
        {
            end = EndOf(end, group.Length);
            if (number == Group + 1)
            {
                groups.Add(group);
                (Group, _end) = (number, end);
            }
            number++;
        }
        // A group is written when the one before it was acknowledged: behind one that is torn there is none of a higher number.
        for (var offset = _end; offset < file.Length; offset += Block)
            if (NumberAt(file, offset) > Group && TryRead(file, sealer, offset, out _) is not null)
                throw new StoreDamagedException($"Group {Group + 1} of store/journal was changed or lost. Restore the newest backup.");
        if (groups.Count > 0)
            file.Sync(); // a process that was killed may have left it in the system's memory only
        return groups;
    }

    /// <summary>Makes a group durable.</summary>
    /// <exception cref="IOException">It is not, and must not be acknowledged.</exception>
    public void Append(ReadOnlySpan<byte> group)
    {
        CutTail();
        var frameLength = group.Length + FrameSealer.Overhead;
        if (_record.Length < LengthBytes + frameLength)
            _record = new byte[LengthBytes + frameLength];
        var record = _record.AsSpan(0, LengthBytes + frameLength);
        BinaryPrimitives.WriteInt32BigEndian(record, frameLength);
        // The round decides the key: one for 2²⁴ groups, however long the store lives.
        sealer.Seal(new FrameFields(Group + 1, (Group + 1) >> 8, Group), PageOf(_end), group, record[LengthBytes..]);
        _tail = true;
        file.Write(record, _end);
        file.Sync();
        _tail = false;
        _end = EndOf(_end, group.Length);
        Group++;
        if (_record.Length > KeptBuffer)
            _record = [];
    }

    /// <summary>All of it is in the page files: the next group takes the place of the first.</summary>
    public void Restart() => _end = 0;

    /// <summary>Leaves nothing of what has become part of the page files.</summary>
    /// <exception cref="IOException">Something may be left.</exception>
    public void Wipe()
    {
        if (_end > 0)
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
    public static IEnumerable<ScannedPage> Scan(IPageFile file, FrameSealer sealer)
    {
        for (var offset = 0L; offset < file.Length; offset += Block)
            if (TryRead(file, sealer, offset, out var fields) is { } content)
                yield return new ScannedPage(PageFileKind.Journal, PageOf(offset), Intact: true, fields, content);
    }

    public void Dispose()
    {
        file.Dispose();
        sealer.Dispose();
    }

    private static long EndOf(long offset, int contentLength) =>
        (offset + LengthBytes + FrameSealer.Overhead + contentLength + Block - 1) / Block * Block;

    private static uint PageOf(long offset) => checked((uint)(offset / Block));

    /// <summary>The group that a record claims to be; 0 where there is none.</summary>
    private static ulong NumberAt(IPageFile file, long offset)
    {
        Span<byte> head = stackalloc byte[LengthBytes + FrameSealer.Overhead];
        return file.TryRead(head, offset) ? FrameSealer.GroupOf(head[LengthBytes..]) : 0;
    }

    private static byte[]? TryRead(IPageFile file, FrameSealer sealer, long offset, out FrameFields fields)
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
