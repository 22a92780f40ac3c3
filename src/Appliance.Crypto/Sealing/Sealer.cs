using System.Buffers;
using System.Security.Cryptography;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;

namespace Appliance.Crypto.Sealing;

/// <summary>
/// Seals a message once for all its recipients (docs/formats.md, "A message"): one session key, one pass over the bytes, a
/// key packet per recipient. With one recipient the slip is under the body's key; with more, each has its own, since every recipient can open
/// the body's. Nothing is returned half done: a failure is an exception.
/// </summary>
public static class Sealer
{
    /// <summary>No segment is longer, in bytes, so that a client opens a message piece by piece, and sealing takes the memory of four.</summary>
    public const int LongestSegment = 1_000_000;

    /// <param name="arrival">What is sealed.</param>
    /// <param name="recipients">Each mailbox once.</param>
    /// <param name="output">Is given the sealed segments, one behind the other, those that were sealed in step together: <see cref="SealedLength"/> bytes.</param>
    /// <exception cref="ArgumentException">The segments do not cover the message, or there is no recipient.</exception>
    public static SealedArrival Seal(ArrivalToSeal arrival, IReadOnlyList<SealTo> recipients, Action<ReadOnlySpan<byte>> output)
    {
        if (recipients.Count == 0)
            throw new ArgumentException("A message is sealed to somebody.", nameof(recipients));
        using var key = new BodySessionKey();
        var body = SealBody(key, arrival, output);
        return new SealedArrival(body, [.. recipients.Select(recipient => SealFor(key, recipient, isOnly: recipients.Count == 1))]);
    }

    /// <summary>How many bytes the sealed segments take together.</summary>
    public static long SealedLength(ArrivalToSeal arrival)
    {
        var length = BodySessionKey.SealedLength(0, arrival.TraceFields.Length);
        for (var i = 0; i < arrival.Segments.Count; i++)
            length += BodySessionKey.SealedLength(i + 1, arrival.Segments[i].Length);
        return length;
    }

    private static SealedBody SealBody(BodySessionKey key, ArrivalToSeal arrival, Action<ReadOnlySpan<byte>> output)
    {
        CheckCover(arrival);
        var segments = new List<SealedSegment>(arrival.Segments.Count + 1)
        {
            new(0, null, key.SealSegments(0, [arrival.TraceFields], output)[0]),
        };
        for (var next = 0; next < arrival.Segments.Count;)
        {
            var inStep = new ReadOnlySequence<byte>[CountInStep(arrival.Segments, next)];
            for (var i = 0; i < inStep.Length; i++)
                inStep[i] = arrival.Message.Slice(arrival.Segments[next + i].Offset, arrival.Segments[next + i].Length);
            foreach (var part in key.SealSegments(next + 1, inStep, output))
            {
                var received = next == 0 ? 0 : RemovedBytes.ReceivedOffset(arrival.Summary.Removed, arrival.Segments[next].Offset);
                segments.Add(new SealedSegment(++next, received, part));
            }
        }

        var summary = arrival.Summary with { Manifest = [.. segments.Select(segment => segment.ToManifestEntry())] };
        return new SealedBody(SealWiped(key, PartName.Summary, summary.ToJson()), segments);
    }

    private static void CheckCover(ArrivalToSeal arrival)
    {
        long end = 0;
        foreach (var (offset, length) in arrival.Segments)
        {
            if (offset != end || length is <= 0 or > LongestSegment)
                throw new ArgumentException($"Segments follow one another from the first byte and are not over {LongestSegment} bytes.", nameof(arrival));
            end = offset + length;
        }
        if (end != arrival.Message.Length)
            throw new ArgumentException("The segments do not cover the message.", nameof(arrival));
    }

    /// <summary>Pieces of one leaf are about as long as each other: the next four in step, if they are such; else the next alone.</summary>
    private static int CountInStep(IReadOnlyList<SegmentRange> segments, int next)
    {
        if (next + BodySessionKey.SegmentsInStep > segments.Count)
            return 1;
        var (shortest, longest) = (segments[next].Length, segments[next].Length);
        for (var i = next + 1; i < next + BodySessionKey.SegmentsInStep; i++)
            (shortest, longest) = (Math.Min(shortest, segments[i].Length), Math.Max(longest, segments[i].Length));
        return longest - shortest <= shortest / 16 ? BodySessionKey.SegmentsInStep : 1;
    }

    private static SealedCopy SealFor(BodySessionKey bodyKey, SealTo recipient, bool isOnly)
    {
        var slip = recipient.Slip.ToJson();
        var forBody = bodyKey.WrapFor(recipient.Key);
        if (isOnly)
            return new SealedCopy(recipient.Key, [forBody], SealWiped(bodyKey, PartName.Slip, slip));
        using var slipKey = new BodySessionKey();
        return new SealedCopy(
            recipient.Key,
            [forBody, slipKey.WrapFor(recipient.Key, KeyPacketOpens.Slip)],
            SealWiped(slipKey, PartName.Slip, slip));
    }

    private static byte[] SealWiped(BodySessionKey key, PartName name, byte[] content)
    {
        try
        {
            return key.Seal(name, new ReadOnlySequence<byte>(content));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}

/// <summary>A message as it arrived, read but not yet sealed.</summary>
/// <param name="Summary">Without its manifest, which the sealer adds.</param>
/// <param name="TraceFields">Segment 0: the fields we added.</param>
/// <param name="Message">The bytes received less those removed.</param>
/// <param name="Segments">Segments 1…: they cover <paramref name="Message"/> without a gap; offsets count in it.</param>
public sealed record ArrivalToSeal(
    Summary Summary, ReadOnlySequence<byte> TraceFields, ReadOnlySequence<byte> Message, IReadOnlyList<SegmentRange> Segments);

/// <summary>Where a segment lies, in bytes.</summary>
public readonly record struct SegmentRange(long Offset, long Length);

public sealed record SealTo(RecipientKey Key, Slip Slip);

/// <param name="Copies">In the order of the recipients.</param>
public sealed record SealedArrival(SealedBody Body, IReadOnlyList<SealedCopy> Copies);

/// <param name="Summary">The sealed summary, manifest included.</param>
/// <param name="Segments">In order, the first being segment 0.</param>
public sealed record SealedBody(byte[] Summary, IReadOnlyList<SealedSegment> Segments);

/// <param name="Index">0 for the trace fields, then 1….</param>
/// <param name="Offset">Of its first byte in the message as received; 0 for segment 1, null for segment 0.</param>
/// <param name="Part">Its lengths and hashes.</param>
public sealed record SealedSegment(int Index, long? Offset, SealedPart Part)
{
    internal ManifestEntry ToManifestEntry() => new(Index, Offset, Part.Length, Part.Sha256, Part.SealedSha256);
}

/// <summary>What one recipient's mailbox keeps beside the body.</summary>
public sealed record SealedCopy(RecipientKey Key, IReadOnlyList<KeyPacket> KeyPackets, byte[] Slip);
