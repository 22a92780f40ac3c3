using System.Buffers;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;

namespace Appliance.Client.Tests.Opening;

/// <summary>A small message and what is known of it.</summary>
internal static class Samples
{
    public static readonly byte[] Message = Encoding.ASCII.GetBytes(
        "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: Tea\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n\r\nAt four?\r\n");

    public static readonly byte[] Trace = Encoding.ASCII.GetBytes("Return-Path: <ann@example.org>\r\n");

    public static Summary Summary { get; } = new()
    {
        From = [new MailAddress("Ann", "ann@example.org")],
        To = [new MailAddress(null, "bob@example.org")],
        Subject = "Tea",
        Date = "Mon, 23 Nov 2026 10:00:00 +0100",
        DateUtc = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero),
        Snippet = "At four?",
        Size = Message.Length,
        HeaderLength = Message.Length - 10,
        Mime = new MimeNode { Type = "text/plain", HeaderOffset = 0, Offset = Message.Length - 10, Length = 10, Lines = 1 },
        Verdict = Verdict.None,
    };

    public static Slip Slip { get; } = new()
    {
        EnvelopeFrom = "ann@example.org",
        EnvelopeTo = "bob@example.org",
        DeliveredTo = "bob@example.org",
    };

    public static ArrivalToSeal Arrival(int pieces) => Arrival(Message, Trace, pieces);

    public static ArrivalToSeal Arrival(byte[] message, byte[] trace, int pieces)
    {
        var ranges = new List<SegmentRange>();
        for (long piece = 0, start = 0; piece < pieces; piece++)
        {
            var end = message.Length * (piece + 1) / pieces;
            if (end > start)
                ranges.Add(new SegmentRange(start, end - start));
            start = end;
        }
        return new ArrivalToSeal(Summary, new ReadOnlySequence<byte>(trace), new ReadOnlySequence<byte>(message), ranges);
    }
}
