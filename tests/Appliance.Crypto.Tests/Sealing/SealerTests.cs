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
    public void A_long_message_takes_no_memory_but_that_of_the_segments_in_step()
    {
        const int segments = 50;
        var message = new byte[segments * Sealer.LongestSegment];
        var arrival = new ArrivalToSeal(
            Summary, ReadOnlySequence<byte>.Empty, new ReadOnlySequence<byte>(message),
            [.. Enumerable.Range(0, segments).Select(i => new SegmentRange((long)i * Sealer.LongestSegment, Sealer.LongestSegment))]);
        var recipient = new SealTo(Fixtures.Recipient("cv25519"), Slip);
        var written = 0L;

        var before = GC.GetAllocatedBytesForCurrentThread();
        Sealer.Seal(arrival, [recipient], piece => written += piece.Length);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (BodySessionKey.SegmentsInStep + 2) * Sealer.LongestSegment);
        Assert.Equal(Sealer.SealedLength(arrival), written);
    }

    /// <summary>Four in step, and more of them than fours; lengths in step differ by what removed fields take out of one.</summary>
    [Theory]
    [InlineData(new[] { 100, 70_001, 70_001, 70_001, 69_999, 30 })]
    [InlineData(new[] { 5_000, 5_000, 5_000, 5_000, 4_990, 5_000, 5_001, 5_010, 5_000, 5_000 })]
    [InlineData(new[] { 15, 16, 16, 16, 1, 1, 1, 1 })]
    public void Segments_in_step_hold_what_each_holds_alone(int[] lengths)
    {
        var message = RandomNumberGenerator.GetBytes(lengths.Sum());
        var ranges = lengths.Select((length, i) => new SegmentRange(lengths.Take(i).Sum(), length)).ToList();

        var (mail, sealedSegments) = WholeSegments.Seal(
            new ArrivalToSeal(Summary, new ReadOnlySequence<byte>("Received: x\r\n"u8.ToArray()), InPieces(message), ranges),
            new SealTo(Fixtures.Recipient("cv25519"), Slip));

        Assert.Equal(Enumerable.Range(0, lengths.Length + 1), mail.Body.Segments.Select(segment => segment.Index));
        foreach (var (range, i) in ranges.Select((range, i) => (range, i + 1)))
        {
            var part = mail.Body.Segments[i].Part;
            Assert.Equal((range.Length, sealedSegments[i].Length), (part.Length, part.SealedLength));
            Assert.Equal(SHA256.HashData(message.AsSpan((int)range.Offset, (int)range.Length)), part.Sha256);
            Assert.Equal(SHA256.HashData(sealedSegments[i]), part.SealedSha256);
        }
    }

    [Fact]
    public void Output_that_fails_leaves_the_key_as_it_was()
    {
        using var key = new BodySessionKey();

        Assert.Throws<IOException>(() => key.SealSegments(1, [new ReadOnlySequence<byte>(new byte[100_000])], _ => throw new IOException()));
        Assert.Equal(BodySessionKey.SealedLength(1, 100), key.SealSegment(1, new byte[100]).Sealed.Length);
    }

    [Fact]
    public void A_key_that_was_disposed_seals_nothing_and_is_wrapped_for_nobody()
    {
        var key = new BodySessionKey();
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => key.Seal(PartName.Slip, new ReadOnlySequence<byte>(new byte[10])));
        Assert.Throws<ObjectDisposedException>(() => key.SealSegments(1, Enumerable.Repeat(new ReadOnlySequence<byte>(new byte[10]), 4).ToArray(), _ => { }));
        Assert.Throws<ObjectDisposedException>(() => key.WrapFor(Fixtures.Recipient("cv25519")));
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

    private static ReadOnlySequence<byte> InPieces(byte[] bytes)
    {
        var first = new Piece(bytes.AsMemory(0, bytes.Length / 3), 0);
        var last = new Piece(bytes.AsMemory(bytes.Length / 3), bytes.Length / 3);
        first.Append(last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long runningIndex) => (Memory, RunningIndex) = (memory, runningIndex);

        public void Append(Piece next) => Next = next;
    }

    private static (SealedArrival Mail, IReadOnlyList<byte[]> Segments) Seal(SegmentRange[] segments, params string[] keys) => WholeSegments.Seal(
        new ArrivalToSeal(Summary, ReadOnlySequence<byte>.Empty, new ReadOnlySequence<byte>(Message), segments),
        [.. keys.Select(key => new SealTo(Fixtures.Recipient(key), Slip))]);
}
