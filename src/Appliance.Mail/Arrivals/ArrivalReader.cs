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
    /// Never throws. The summary lacks what only its caller knows: the manifest, <see cref="Summary.Removed"/> and the
    /// verdict, which is <see cref="Verdict.None"/>.
    /// </summary>
    [SuppressMessage("Design", "CA1031", Justification = "A field that trips a decoder must not keep a message out of its mailbox.")]
    public static Arrival Read(ReadOnlySequence<byte> message, ArrivalLimits? limits = null)
    {
        try
        {
            using var scanner = new MimeScanner(limits ?? ArrivalLimits.Default);
            var summary = scanner.Scan(message);
            summary = summary with { Snippet = Snippet.Of(message, summary.Mime) };
            return new Arrival(summary, SegmentBoundaries.Of(summary.Mime, message.Length));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return Opaque(message.Length);
        }
    }

    private static Arrival Opaque(long size)
    {
        var mime = new MimeNode { Type = "application/octet-stream", HeaderOffset = 0, Offset = 0, Length = size };
        var summary = new Summary { Size = size, HeaderLength = 0, Mime = mime, Verdict = Verdict.None };
        return new Arrival(summary, SegmentBoundaries.Of(mime, size));
    }
}

/// <param name="Summary">Without manifest, verdict and removed fields.</param>
/// <param name="Segments">Segments 1…n in order, without a gap from the first byte to the last; none for an empty message.</param>
public sealed record Arrival(Summary Summary, IReadOnlyList<SegmentRange> Segments);

/// <summary>What a message may cost to read. Past a limit it is still kept whole, only described in less detail.</summary>
/// <param name="MaxDepth">Nested parts, the message itself included.</param>
/// <param name="MaxParts">Nodes of the MIME tree.</param>
/// <param name="MaxFieldBytes">Of one header field.</param>
/// <param name="MaxHeaderBytes">Of all fields we keep, over the message and its parts.</param>
public sealed record ArrivalLimits(int MaxDepth = 100, int MaxParts = 1_000, int MaxFieldBytes = 65_536, int MaxHeaderBytes = 1_048_576)
{
    public static ArrivalLimits Default { get; } = new();
}
