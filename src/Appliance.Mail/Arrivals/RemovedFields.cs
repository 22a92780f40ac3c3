using System.Buffers;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;

namespace Appliance.Mail.Arrivals;

/// <summary>A message less some pieces of it, without copying the rest.</summary>
internal static class RemovedFields
{
    public static ReadOnlySequence<byte> Without(ReadOnlySequence<byte> message, IReadOnlyList<RemovedBytes> removed)
    {
        Piece? first = null, last = null;
        var start = 0L;
        foreach (var (offset, bytes) in removed)
        {
            Add(message.Slice(start, offset - start));
            start = offset + bytes.Length;
        }
        Add(message.Slice(start));
        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);

        void Add(ReadOnlySequence<byte> kept)
        {
            foreach (var memory in kept)
            {
                if (memory.IsEmpty)
                    continue;
                last = new Piece(memory, last);
                first ??= last;
            }
        }
    }

    /// <summary>Where segments of the message lie in what is left of it.</summary>
    public static IReadOnlyList<SegmentRange> Moved(IReadOnlyList<SegmentRange> segments, IReadOnlyList<RemovedBytes> removed)
    {
        return [.. segments.Select(segment => (Start: Moved(segment.Offset), End: Moved(segment.Offset + segment.Length)))
            .Where(range => range.End > range.Start).Select(range => new SegmentRange(range.Start, range.End - range.Start))];

        long Moved(long offset) => offset - removed.Sum(piece => Math.Clamp(offset - piece.Offset, 0, piece.Bytes.Length));
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
