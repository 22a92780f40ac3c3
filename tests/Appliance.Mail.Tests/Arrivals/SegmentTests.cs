using System.Buffers;
using System.Text;
using Appliance.Crypto.Sealing;
using Appliance.Mail.Arrivals;

namespace Appliance.Mail.Tests.Arrivals;

public sealed class SegmentTests
{
    [Fact]
    public void A_small_message_is_one_segment()
    {
        var message = Corpus.Load("nested");

        Assert.Equal([new SegmentRange(0, message.Length)], Read(message).Segments);
    }

    [Fact]
    public void An_empty_message_has_none() => Assert.Empty(Read([]).Segments);

    [Theory]
    [InlineData(131_072, 1)]
    [InlineData(131_073, 3)]
    public void A_leaf_over_131072_bytes_stands_alone(int bytes, int segments)
    {
        var (message, at) = WithAttachment(bytes);
        var arrival = Read(message);

        Assert.Equal(segments, arrival.Segments.Count);
        if (segments == 3)
            Assert.Equal(new SegmentRange(at, bytes), arrival.Segments[1]);
        ArrivalPropertyTests.AssertSegments(arrival, message.Length);
    }

    [Theory]
    [InlineData(262_144, 1)]
    [InlineData(262_145, 4)]
    [InlineData(4_000_000, 4)]
    [InlineData(4_000_001, 8)]
    [InlineData(20_000_000, 20)]
    public void A_long_leaf_is_cut_evenly_for_sealing_in_step(int bytes, int pieces)
    {
        var (message, at) = WithAttachment(bytes);
        var arrival = Read(message);

        var leaf = arrival.Segments.Skip(1).SkipLast(1).ToList();
        Assert.Equal(pieces, leaf.Count);
        Assert.Equal((at, bytes), (leaf[0].Offset, leaf.Sum(piece => piece.Length)));
        Assert.InRange(leaf.Max(piece => piece.Length) - leaf.Min(piece => piece.Length), 0, pieces - 1);
        ArrivalPropertyTests.AssertSegments(arrival, message.Length);
    }

    [Fact]
    public void A_large_body_of_a_single_part_leaves_the_header_alone()
    {
        var message = Encoding.ASCII.GetBytes("Subject: large\r\n\r\n" + new string('x', 200_000));

        Assert.Equal([new(0, 18), new SegmentRange(18, 200_000)], Read(message).Segments);
    }

    [Fact]
    public void Neighbouring_large_leaves_share_nothing_but_what_is_between()
    {
        var text = new string('x', 150_000);
        var message = Encoding.ASCII.GetBytes($"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{text}\r\n--b\r\n\r\n{text}\r\n--b--\r\n");
        var arrival = Read(message);

        Assert.Equal([52, 150_000, 9, 150_000, 9], arrival.Segments.Select(segment => segment.Length));
    }

    [Fact]
    public void Many_small_parts_are_cut_as_one_long_one()
    {
        var part = "--b\r\n\r\n" + new string('x', 100_000) + "\r\n";
        var message = Encoding.ASCII.GetBytes("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat(part, 100)) + "--b--\r\n");
        var arrival = Read(message);

        Assert.Equal(12, arrival.Segments.Count);
        ArrivalPropertyTests.AssertSegments(arrival, message.Length);
    }

    private static Arrival Read(byte[] message) => ArrivalReader.Read(new ReadOnlySequence<byte>(message));

    private static (byte[] Message, int At) WithAttachment(int bytes)
    {
        var before = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"u8;
        var after = "\r\n--b--\r\n"u8;
        byte[] message = [.. before, .. Lines(bytes), .. after];
        return (message, before.Length);
    }

    private static IEnumerable<byte> Lines(int bytes) =>
        Enumerable.Range(0, bytes).Select(i => (i % 78) switch { 76 => (byte)'\r', 77 => (byte)'\n', _ => (byte)'A' });
}
