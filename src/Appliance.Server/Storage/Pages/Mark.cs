using System.Buffers.Binary;

namespace Appliance.Server.Storage.Pages;

/// <summary>
/// Names the last group known to be on the disk, so that a log which lost its end is told from one that was being
/// written. Two sealed copies, written in turn: a torn write leaves the other.
/// </summary>
internal sealed class Mark(IPageFile file, FrameSealer sealer) : IDisposable
{
    private const int RecordLength = 8;
    private const int CopyLength = FrameSealer.Overhead + RecordLength;
    private const int Spacing = 4096; // each copy in a block of its own
    private ulong _sequence;

    public ulong Group { get; private set; }

    public ulong Round { get; private set; }

    /// <exception cref="StoreDamagedException">Neither copy can be read.</exception>
    public void Load()
    {
        Span<byte> copy = stackalloc byte[CopyLength];
        Span<byte> record = stackalloc byte[RecordLength];
        var found = false;
        for (var slot = 0u; slot < 2; slot++)
        {
            if (!file.TryRead(copy, slot * Spacing) || !sealer.TryOpen(slot, copy, record, out var fields))
                continue;
            var sequence = BinaryPrimitives.ReadUInt64BigEndian(record);
            if (found && sequence < _sequence)
                continue;
            (found, _sequence, Group, Round) = (true, sequence, fields.Group, fields.Round);
        }
        if (!found)
            throw new StoreDamagedException(
                "Both copies of store/mark are unreadable, or the store key is not this store's. Check the key; otherwise restore a backup.");
    }

    public void Write(ulong group, ulong round)
    {
        Span<byte> copy = stackalloc byte[CopyLength];
        Span<byte> record = stackalloc byte[RecordLength];
        BinaryPrimitives.WriteUInt64BigEndian(record, ++_sequence);
        var slot = (uint)(_sequence & 1);
        sealer.Seal(new FrameFields(group, round, group), slot, record, copy);
        file.Write(copy, slot * Spacing);
        file.Sync();
        (Group, Round) = (group, round);
    }

    public void Dispose()
    {
        file.Dispose();
        sealer.Dispose();
    }
}
