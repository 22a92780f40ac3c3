using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;

namespace Appliance.Crypto.Tests.Sealing;

public sealed class SealerTests
{
    private static readonly byte[] Message = Encoding.ASCII.GetBytes("Subject: Tea\r\n\r\nAt four?\r\n");
    private static readonly Slip Slip = new() { EnvelopeFrom = "", EnvelopeTo = "a@example.org", DeliveredTo = "a@example.org" };

    private static readonly Summary Summary = new()
    {
        Size = Message.Length,
        HeaderLength = 16,
        Mime = new MimeNode { Type = "text/plain", HeaderOffset = 0, Offset = 16, Length = 10 },
        Verdict = Verdict.None,
    };

    [Fact]
    public void One_recipient_gets_one_key_packet_for_body_and_slip()
    {
        var (mail, _) = Seal([new SegmentRange(0, Message.Length)], "cv25519");

        Assert.Equal([KeyPacketOpens.Body], mail.Copies.Single().KeyPackets.Select(packet => packet.Opens));
    }

    [Fact]
    public void More_recipients_get_a_key_packet_for_the_body_and_one_for_the_slip_each()
    {
        var (mail, _) = Seal([new SegmentRange(0, Message.Length)], "cv25519", "rsa2048", "p256");

        Assert.Equal(3, mail.Copies.Count);
        Assert.All(mail.Copies, copy => Assert.Equal([KeyPacketOpens.Body, KeyPacketOpens.Slip], copy.KeyPackets.Select(packet => packet.Opens)));
        Assert.Equal(["v4-ecdh-aes256", "v4-rsa-aes256", "v4-ecdh-aes256"], mail.Copies.Select(copy => copy.KeyPackets[0].Suite));
    }

    [Fact]
    public void Hashes_are_those_of_the_segments()
    {
        var (mail, segments) = Seal([new SegmentRange(0, 16), new SegmentRange(16, 10)], "cv25519");

        var segment = mail.Body.Segments[2];
        Assert.Equal((2, 16, 10), (segment.Index, segment.Offset, segment.Part.Length));
        Assert.Equal(SHA256.HashData(Message.AsSpan(16)), segment.Part.Sha256);
        Assert.Equal(SHA256.HashData(segments[2]), segment.Part.SealedSha256);
    }

    [Fact]
    public void A_long_message_takes_no_memory_of_its_length_again()
    {
        var message = new byte[Sealer.LongestSegment + 100];
        var arrival = new ArrivalToSeal(
            Summary, ReadOnlySequence<byte>.Empty, new ReadOnlySequence<byte>(message), [new SegmentRange(0, Sealer.LongestSegment), new SegmentRange(Sealer.LongestSegment, 100)]);
        var recipient = new SealTo(Fixtures.Recipient("cv25519"), Slip);
        var written = 0L;

        var before = GC.GetAllocatedBytesForCurrentThread();
        Sealer.Seal(arrival, [recipient], piece => written += piece.Length);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal(Sealer.SealedLength(arrival), written);
    }

    [Fact]
    public void A_key_whose_segment_could_not_be_written_seals_no_other()
    {
        using var key = new BodySessionKey();
        var segment = new ReadOnlySequence<byte>(new byte[100_000]);
        var pieces = 0;

        Assert.Throws<IOException>(() => key.SealSegment(1, segment, _ =>
        {
            if (++pieces == 2)
                throw new IOException();
        }));
        Assert.Throws<ObjectDisposedException>(() => key.Seal(PartName.Slip, segment));
    }

    [Fact]
    public void Refuses_segments_that_leave_a_gap_overlap_or_end_early()
    {
        Assert.Throws<ArgumentException>(() => Seal([new SegmentRange(0, 10), new SegmentRange(11, Message.Length - 11)], "cv25519"));
        Assert.Throws<ArgumentException>(() => Seal([new SegmentRange(0, 10), new SegmentRange(9, Message.Length - 9)], "cv25519"));
        Assert.Throws<ArgumentException>(() => Seal([new SegmentRange(0, Message.Length - 1)], "cv25519"));
        Assert.Throws<ArgumentException>(() => Seal([], "cv25519"));
    }

    [Fact]
    public void Refuses_to_seal_to_nobody() => Assert.Throws<ArgumentException>(() => Seal([new SegmentRange(0, Message.Length)]));

    [Fact]
    public void Nothing_of_the_plaintext_is_in_what_is_sealed()
    {
        var (mail, segments) = Seal([new SegmentRange(0, Message.Length)], "cv25519");

        foreach (var bytes in segments.Append(mail.Body.Summary).Append(mail.Copies[0].Slip))
            Assert.True(bytes.AsSpan().IndexOf("example"u8) < 0 && bytes.AsSpan().IndexOf("four"u8) < 0);
    }

    private static (SealedArrival Mail, IReadOnlyList<byte[]> Segments) Seal(SegmentRange[] segments, params string[] keys) => WholeSegments.Seal(
        new ArrivalToSeal(Summary, ReadOnlySequence<byte>.Empty, new ReadOnlySequence<byte>(Message), segments),
        [.. keys.Select(key => new SealTo(Fixtures.Recipient(key), Slip))]);
}
