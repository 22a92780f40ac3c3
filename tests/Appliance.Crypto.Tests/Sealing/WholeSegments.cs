using System.Buffers;
using Appliance.Crypto.Sealing;

namespace Appliance.Crypto.Tests.Sealing;

/// <summary>Sealed segments, each in an array of its own, beside what is known of them.</summary>
internal static class WholeSegments
{
    public static (SealedArrival Mail, IReadOnlyList<byte[]> Segments) Seal(ArrivalToSeal arrival, params IReadOnlyList<SealTo> recipients)
    {
        var output = new ArrayBufferWriter<byte>();
        var mail = Sealer.Seal(arrival, recipients, piece => output.Write(piece));
        var segments = new List<byte[]>();
        var rest = output.WrittenSpan;
        foreach (var segment in mail.Body.Segments)
        {
            segments.Add(rest[..(int)segment.Part.SealedLength].ToArray());
            rest = rest[segments[^1].Length..];
        }
        return (mail, segments);
    }

    public static (SealedPart Part, byte[] Sealed) SealSegment(this BodySessionKey key, int index, byte[] plaintext)
    {
        var output = new ArrayBufferWriter<byte>();
        var part = key.SealSegments(index, [new ReadOnlySequence<byte>(plaintext)], piece => output.Write(piece))[0];
        return (part, output.WrittenSpan.ToArray());
    }
}
