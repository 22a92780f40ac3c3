using System.Buffers;
using Appliance.Crypto.Formats;
using Appliance.Mail.Arrivals;
using CsCheck;

namespace Appliance.Mail.Tests.Arrivals;

public sealed class RemovedFieldsTests
{
    [Fact]
    public void What_is_kept_and_what_was_removed_are_the_message_that_came()
    {
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Select(Gen.Int[0, 40], Gen.Int[1, 20]).List[0, 5], Gen.Int[1, 40]).Sample((message, cuts, block) =>
        {
            var removed = new List<RemovedBytes>();
            var at = 0;
            foreach (var (gap, length) in cuts)
            {
                at += gap;
                if (at + length > message.Length)
                    break;
                removed.Add(new RemovedBytes(at, message[at..(at + length)]));
                at += length;
            }
            var kept = RemovedFields.Without(Corpus.InBlocks(message, block), removed).ToArray().ToList();
            foreach (var piece in removed)
                kept.InsertRange((int)piece.Offset, piece.Bytes);
            Assert.Equal(message, kept);
        });
    }

    [Fact]
    public void Segments_of_what_is_kept_follow_one_another_and_begin_at_the_same_bytes()
    {
        var header = "Authentication-Results: mx.example.org; spf=pass\r\n"u8.ToArray();
        byte[] message =
        [
            .. "From: a@example.org\r\n"u8, .. header, .. "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: image/png\r\n\r\n"u8,
            .. Enumerable.Repeat((byte)'x', 200_000), .. "\r\n--b--\r\n"u8,
        ];
        RemovedBytes[] removed = [new RemovedBytes(21, header)];
        var arrival = ArrivalReader.Read(new ReadOnlySequence<byte>(message), removed);
        Assert.Equal(removed, arrival.Summary.Removed);
        Assert.Equal(message.Length, arrival.Summary.Size);
        Assert.Equal(message.Length - header.Length, arrival.Kept.Length);
        Assert.Equal(3, arrival.Segments.Count);
        var end = 0L;
        foreach (var segment in arrival.Segments)
        {
            Assert.Equal(end, segment.Offset);
            end += segment.Length;
        }
        Assert.Equal(arrival.Kept.Length, end);
        // The image has a segment of its own, at the offset that its node of the tree has.
        Assert.Equal(arrival.Summary.Mime.Children[1].Offset, RemovedBytes.ReceivedOffset(removed, arrival.Segments[1].Offset));
        Assert.Equal(200_000, arrival.Segments[1].Length);
    }
}
