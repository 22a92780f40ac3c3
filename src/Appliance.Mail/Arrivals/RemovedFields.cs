using System.Buffers;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;

namespace Appliance.Mail.Arrivals;

/// <summary>A message less some pieces of it, without copying the rest.</summary>
internal static class RemovedFields
{
    public static ReadOnlySequence<byte> Without(ReadOnlySequence<byte> message, IReadOnlyList<RemovedBytes> removed)
    {
        var kept = new List<ReadOnlyMemory<byte>>();
        var start = 0L;
        foreach (var (offset, bytes) in removed)
        {
            Keep(message.Slice(start, offset - start));
            start = offset + bytes.Length;
        }
        Keep(message.Slice(start));
        return Pieces.Join(kept);

        void Keep(ReadOnlySequence<byte> between)
        {
            foreach (var memory in between)
                kept.Add(memory);
        }
    }

    /// <summary>Where segments of the message lie in what is left of it.</summary>
    public static IReadOnlyList<SegmentRange> Moved(IReadOnlyList<SegmentRange> segments, IReadOnlyList<RemovedBytes> removed)
    {
        return [.. segments.Select(segment => (Start: Moved(segment.Offset), End: Moved(segment.Offset + segment.Length)))
            .Where(range => range.End > range.Start).Select(range => new SegmentRange(range.Start, range.End - range.Start))];

        long Moved(long offset) => offset - removed.Sum(piece => Math.Clamp(offset - piece.Offset, 0, piece.Bytes.Length));
    }
}
