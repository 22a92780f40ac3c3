using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;

namespace Appliance.Mail.Arrivals;

/// <summary>
/// Where a message is cut for sealing (<c>docs/formats.md</c>), so that a reader fetches a large attachment alone, or everything
/// but: the encoded bytes of a large leaf have segments of their own, and all other bytes share theirs. What is long is cut evenly, into four pieces or four times as many
/// as it needs, which are sealed in step.
/// </summary>
internal static class SegmentBoundaries
{
    public const long LargeLeafBytes = 131_072;
    public const long LongBytes = 2 * LargeLeafBytes;

    public static IReadOnlyList<SegmentRange> Of(MimeNode root, long size)
    {
        var segments = new List<SegmentRange>();
        var position = 0L;
        var nodes = new Stack<MimeNode>([root]);
        while (nodes.TryPop(out var node))
        {
            for (var i = node.Children.Count - 1; i >= 0; i--)
                nodes.Push(node.Children[i]);
            if (node.Children.Count > 0 || node.Length <= LargeLeafBytes)
                continue;
            Cut(position, node.Offset);
            Cut(node.Offset, node.Offset + node.Length);
            position = node.Offset + node.Length;
        }
        Cut(position, size);
        return segments;

        void Cut(long from, long to)
        {
            var length = to - from;
            var pieces = length <= LongBytes ? 1 : BodySessionKey.SegmentsInStep * DividedUp(length, BodySessionKey.SegmentsInStep * Sealer.LongestSegment);
            var each = DividedUp(length, pieces);
            for (; from < to; from += each)
                segments.Add(new SegmentRange(from, Math.Min(each, to - from)));
        }
    }

    private static long DividedUp(long length, long by) => (length + by - 1) / by;
}
