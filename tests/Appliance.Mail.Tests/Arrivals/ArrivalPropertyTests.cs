using System.Buffers;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Crypto.Sealing;
using Appliance.Mail.Arrivals;
using CsCheck;

namespace Appliance.Mail.Tests.Arrivals;

/// <summary>What holds for every sequence of bytes.</summary>
public sealed class ArrivalPropertyTests
{
    private static readonly Gen<byte[]> Messages = Gen.OneOf(Gen.Byte.Array[0, 2_000], LikeMail(), MutatedCorpus());

    [Fact]
    public void Any_bytes_give_a_tree_within_the_message() => Messages.Sample(message =>
    {
        var arrival = ArrivalReader.Read(new ReadOnlySequence<byte>(message));

        Assert.Equal(message.Length, arrival.Summary.Size);
        Assert.InRange(arrival.Summary.HeaderLength, 0, message.Length);
        Assert.InRange(arrival.Summary.Snippet.Length, 0, 200);
        AssertWithin(arrival.Summary.Mime, 0, message.Length);
        AssertSegments(arrival, message.Length);
        Assert.Equal(arrival.Summary.ToJson(), Summary.FromJson(arrival.Summary.ToJson()).ToJson());
    }, iter: 2_000);

    [Fact]
    public void No_bytes_need_the_safety_net() => Messages.Sample(message =>
    {
        using var scanner = new MimeScanner(ArrivalLimits.Default);
        var sequence = new ReadOnlySequence<byte>(message);
        Snippet.Of(sequence, scanner.Scan(sequence).Mime);
    }, iter: 2_000);

    [Fact]
    public void How_memory_is_cut_changes_nothing() => Gen.Select(Messages, Gen.Int[1, 100]).Sample((message, blockBytes) =>
    {
        var whole = ArrivalReader.Read(new ReadOnlySequence<byte>(message));
        var cut = ArrivalReader.Read(Corpus.InBlocks(message, blockBytes));

        Assert.Equal(Encoding.UTF8.GetString(whole.Summary.ToJson()), Encoding.UTF8.GetString(cut.Summary.ToJson()));
        Assert.Equal(whole.Segments, cut.Segments);
    }, iter: 2_000);

    internal static void AssertSegments(Arrival arrival, long size)
    {
        var next = 0L;
        foreach (var segment in arrival.Segments)
        {
            Assert.Equal(next, segment.Offset);
            Assert.InRange(segment.Length, 1, Sealer.LongestSegment);
            next += segment.Length;
        }
        Assert.Equal(size, next);
    }

    private static void AssertWithin(MimeNode node, long from, long to)
    {
        Assert.InRange(node.HeaderOffset, from, node.Offset);
        if (node.Length > 0)
            Assert.InRange(node.Offset + node.Length, node.Offset, to);
        var next = node.Offset;
        foreach (var child in node.Children)
        {
            Assert.True(child.HeaderOffset >= next, "Parts overlap");
            if (child.Length > 0)
                AssertWithin(child, next, node.Offset + node.Length);
            next = child.Offset + child.Length;
        }
    }

    // Lines that mean something, in any order: far more trees than random bytes give.
    private static Gen<byte[]> LikeMail() =>
        Gen.OneOf(
            "", "", "--a", "--a", "--a--", "--b", "--b--", "-- ", "--", " folded", "\t", "\r", "\n", "words", "> quote", "From: a@b, <c", "To: g: a@b;",
            "Subject: =?utf-8?q?=F0=9F=8E?= =?gb18030?b?xOO6?=", "Content-Type: multipart/mixed; boundary=a",
            "Content-Type: multipart/digest; boundary=\"b\"", "Content-Type: message/rfc822", "Content-Type: text/html; charset=utf-16",
            "Content-Type: text/plain; charset=iso-2022-jp", "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable",
            "Content-Disposition: attachment; filename*0*=utf-8''%E2; filename*1*=%82%AC", "Date: 1 Jan 0001 00:00:00 +1400", "Message-ID: <",
            "References: <a@b> <c", "<p title=\"", "<style>", "</style", "<!--", "&#x110000;", "&amp", "=E2=82", "\x1b$B$", "-----BEGIN PGP MESSAGE-----")
        .Array[0, 40].Select(lines => Encoding.Latin1.GetBytes(string.Join("\r\n", lines)));

    private static Gen<byte[]> MutatedCorpus() =>
        Gen.Select(Gen.OneOf(Corpus.Names.ToArray()), Gen.Select(Gen.Int[0, 1_200], Gen.Int[0, 20], Gen.Byte.Array[0, 20]).Array[1, 5])
            .Select((name, edits) =>
            {
                var message = Corpus.Load(name).ToList();
                foreach (var (at, removed, added) in edits)
                {
                    var start = Math.Min(at, message.Count);
                    message.RemoveRange(start, Math.Min(removed, message.Count - start));
                    message.InsertRange(start, added);
                }
                return message.ToArray();
            });
}
