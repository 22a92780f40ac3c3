using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;

namespace Appliance.Mail.Arrivals;

/// <summary>
/// Reads what a mailbox needs to know of a message out of the bytes as they came (RFC 5322, RFC 2045–2047, RFC 2231, RFC 6532):
/// its summary, its MIME tree and where its sealed segments begin and end. One pass over the bytes, nothing copied but the header
/// fields we want and the start of the readable text, and nothing refused: broken MIME gives the best tree there is, and
/// past its limits the rest of a message is one opaque part. The structure is our own scanner's, since we want offsets and limits
/// and MimeKit's readers keep plaintext in buffers that nobody clears; what the fields mean is MimeKit's.
/// </summary>
public static class ArrivalReader
{
    /// <summary>
    /// Never throws. The summary lacks what only its caller knows: the manifest and the verdict, which is <see cref="Verdict.None"/>.
    /// </summary>
    /// <param name="removed">What is taken out of the message before it is kept, in order; the summary is of the message as received.</param>
    [SuppressMessage("Design", "CA1031", Justification = "A field that trips a decoder must not keep a message out of its mailbox.")]
    public static Arrival Read(ReadOnlySequence<byte> message, IReadOnlyList<RemovedBytes>? removed = null, ArrivalLimits? limits = null)
    {
        removed ??= [];
        try
        {
            using var scanner = new MimeScanner(limits ?? ArrivalLimits.Default);
            var summary = scanner.Scan(message);
            summary = summary with { Snippet = Snippet.Of(message, summary.Mime), Removed = removed };
            return Kept(summary, message, removed);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return Kept(Opaque(message.Length) with { Removed = removed }, message, removed);
        }
    }

    private static Arrival Kept(Summary summary, ReadOnlySequence<byte> message, IReadOnlyList<RemovedBytes> removed)
    {
        var segments = SegmentBoundaries.Of(summary.Mime, message.Length);
        return removed.Count == 0
            ? new Arrival(summary, message, segments)
            : new Arrival(summary, RemovedFields.Without(message, removed), RemovedFields.Moved(segments, removed));
    }

    private static Summary Opaque(long size) => new()
    {
        Size = size,
        HeaderLength = 0,
        Mime = new MimeNode { Type = "application/octet-stream", HeaderOffset = 0, Offset = 0, Length = size },
        Verdict = Verdict.None,
    };
}

/// <param name="Summary">Without manifest and verdict.</param>
/// <param name="Kept">The message less what was removed.</param>
/// <param name="Segments">Segments 1…n in order, without a gap from the first byte of what is kept to the last; none for an empty message.</param>
public sealed record Arrival(Summary Summary, ReadOnlySequence<byte> Kept, IReadOnlyList<SegmentRange> Segments);

/// <summary>What a message may cost to read. Past a limit it is still kept whole, only described in less detail.</summary>
/// <param name="MaxDepth">Nested parts, the message itself included.</param>
/// <param name="MaxParts">Nodes of the MIME tree.</param>
/// <param name="MaxFieldBytes">Of one header field.</param>
/// <param name="MaxHeaderBytes">Of all fields we keep, over the message and its parts.</param>
public sealed record ArrivalLimits(int MaxDepth = 100, int MaxParts = 1_000, int MaxFieldBytes = 65_536, int MaxHeaderBytes = 1_048_576)
{
    public static ArrivalLimits Default { get; } = new();
}
