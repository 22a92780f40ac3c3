using System.Buffers;
using Appliance.Crypto.Formats;
using Appliance.Mail.Arrivals;

namespace Appliance.Fuzz;

/// <summary>What holds for every message, however broken.</summary>
internal static class MessageChecks
{
    public static void Read(byte[] message)
    {
        var sequence = new ReadOnlySequence<byte>(message);
        // The reader has a safety net; nothing known needs it.
        using (var scanner = new MimeScanner(ArrivalLimits.Default))
            Snippet.Of(sequence, scanner.Scan(sequence).Mime);

        var (summary, _, segments) = ArrivalReader.Read(sequence);
        FormatsTarget.Assert(summary.Size == message.Length && summary.HeaderLength >= 0 && summary.HeaderLength <= message.Length);
        FormatsTarget.Assert(Summary.FromJson(summary.ToJson()).ToJson().AsSpan().SequenceEqual(summary.ToJson()));
        CheckWithin(summary.Mime, message.Length);
        long end = 0;
        foreach (var segment in segments)
        {
            FormatsTarget.Assert(segment.Offset == end && segment.Length > 0);
            end += segment.Length;
        }
        FormatsTarget.Assert(end == message.Length);
    }

    private static void CheckWithin(MimeNode node, long end)
    {
        FormatsTarget.Assert(node.HeaderOffset >= 0 && node.HeaderOffset <= node.Offset && node.Length >= 0);
        FormatsTarget.Assert(node.Length == 0 || node.Offset + node.Length <= end);
        foreach (var child in node.Children)
            CheckWithin(child, node.Length == 0 ? end : node.Offset + node.Length);
    }
}
