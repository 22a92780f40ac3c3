using System.Buffers;
using Appliance.Mail.Arrivals;
using Appliance.Mail.Tests.Dkim;

namespace Appliance.Mail.Tests.Arrivals;

/// <summary>
/// The tree of every message in the corpus. Each line gives type, encoding and lines, then the bytes that header and body
/// really have at the offsets that were read (a bar is a line end).
/// </summary>
public sealed class TreeTests
{
    public static TheoryData<string, string> Trees => new()
    {
        {
            "alternative", """
            multipart/alternative 7bit 16 [From: shop…="=_alt"||] [This is a … no part.|]
              text/plain quoted-printable 2 [Content-Ty…rintable||] [Gr=C3=BC=C…ts wa=|y.|]
              text/html quoted-printable 1 [Content-Ty…rintable||] [<html><bod…y></html>|]

            """
        },
        {
            "attachment", """
            multipart/mixed 7bit 24 [From: ann@…_Part_1"||] [------=_Pa…_Part_1--|]
              text/plain 7bit 1 [Content-Ty…us-ascii||] [See the report.]
              application/pdf base64 5 [Content-Ty…aXR5IQ==||] [AAECAwQFBg…r7/P3+/w==]

            """
        },
        {
            "bad-base64", """
            text/plain base64 3 [From: ann@…: base64||] [U3RpbGwg*!…r the end|]

            """
        },
        {
            "bad-fields", """
            text/plain 8 1 [From: Brok… subject||] [Words|]

            """
        },
        {
            "clear-signed", """
            text/plain 7bit 8 [From: ann@…: Signed||] [-----BEGIN…TURE-----|]

            """
        },
        {
            "digest", """
            multipart/digest 7bit 15 [From: list…undary=d||] [--d||From:…nly|--d--|]
              message/rfc822 7bit 4 [|] [From: a@ex…irst words]
                text/plain 7bit 1 [From: a@ex…t: First||] [First words]
              text/plain 7bit 1 [Content-Ty…xt/plain||] [Only text]
              message/rfc822 7bit 2 [|] [From: b@ex…eader only]
                text/plain 7bit 0 [From: b@ex…ader only|] []

            """
        },
        {
            "empty", """
            text/plain 7bit 0 [] []

            """
        },
        {
            "encrypted", """
            multipart/encrypted 7bit 14 [From: ann@…undary=e||] [--e|Conten…--||--e--|]
              application/pgp-encrypted 7bit 1 [Content-Ty…ncrypted||] [Version: 1|]
              application/octet-stream 7bit 4 [Content-Ty…ted.asc"||] [-----BEGIN…SAGE-----|]

            """
        },
        {
            "gb18030", """
            text/plain base64 1 [From: =?GB…: base64||] [xOO6w6Os1e…8/qGjCg==|]

            """
        },
        {
            "groups", """
            text/plain 7bit 1 [From: ann@…: Groups||] [Words|]

            """
        },
        {
            "header-only", """
            text/plain 7bit 0 [From: ann@…hing more|] []

            """
        },
        {
            "html", """
            text/html 7bit 3 [From: news…="utf-8"||] [<!DOCTYPE …y></html>|]

            """
        },
        {
            "missing-end", """
            multipart/mixed 7bit 11 [From: ann@…ry=outer||] [--outer|Co…uter one.|]
              multipart/alternative 7bit 4 [Content-Ty…ry=inner||] [--inner|Co…ever ends.]
                text/plain 7bit 1 [Content-Ty…xt/plain||] [The inner …ever ends.]
              text/plain 7bit 1 [Content-Ty…xt/plain||] [Nor does the outer one.|]

            """
        },
        {
            "nested", """
            multipart/mixed 7bit 48 [From: ann@…ry=outer||] [preamble|-…--outer--|]
              multipart/related 7bit 20 [Content-Ty…rnative"||] [--related|…-related--]
                multipart/alternative 7bit 8 [Content-Ty…ernative||] [--alternat…rnative--|]
                  text/plain 7bit 1 [|] [Plain words]
                  text/html 7bit 1 [Content-Ty…ext/html||] [<p>Plain w…logo"></p>]
                image/png base64 1 [Content-Ty…: <logo>||] [iVBORw0KGgo=]
              message/rfc822 7bit 19 [Content-Ty…tachment||] [From: Dan …|--inner--]
                multipart/mixed 7bit 10 [From: Dan …ry=inner||] [--inner|Co…|--inner--]
                  text/plain 7bit 1 [Content-Ty…xt/plain||] [Inner words]
                  text/csv 7bit 1 [Content-Ty…able.csv||] [1,2|]

            """
        },
        {
            "no-boundary", """
            multipart/mixed 7bit 4 [From: ann@…rt/mixed||] [--b||Words|--b--|]

            """
        },
        {
            "no-header", """
            text/plain 7bit 1 [|] [Just words…r at all.|]

            """
        },
        {
            "no-line-end", """
            multipart/mixed 7bit 6 [From: ann@…undary=b||] [--b||one|--b||two]
              text/plain 7bit 1 [|] [one]
              text/plain 7bit 1 [|] [two]

            """
        },
        {
            "plain", """
            text/plain 7bit 5 [Received: …ple.org"||] [Hello Bob,….|-- |Ann|]

            """
        },
        {
            "reply", """
            text/plain 7bit 5 [From: bob@…ple.org>||] [On Mon, 23… is fine.|]

            """
        },
        {
            "similar-boundaries", """
            multipart/mixed 7bit 12 [From: ann@…y="part"||] [--part|Con…|--part--|]
              multipart/mixed 7bit 5 [Content-Ty…"part-2"||] [--part-2||…o boundary]
                text/plain 7bit 1 [|] [inner]
              text/plain 7bit 1 [|] [last]

            """
        },
        {
            "utf8-headers", """
            multipart/mixed 7bit 11 [From: Jürg…undary=b||] [--b|Conten…||x|--b--|]
              text/plain 8bit 1 [Content-Ty…ng: 8bit||] [Schöne Grüße]
              text/plain 7bit 1 [Content-Ty…cht.txt"||] [x]

            """
        },
    };

    [Theory]
    [InlineData("", 0)]
    [InlineData("one", 1)]
    [InlineData("one\r\n", 1)]
    [InlineData("one\r\ntwo", 2)]
    [InlineData("\n\r\n--\n", 3)]
    public void Counts_the_lines_of_a_body_that_has_no_parts(string body, int lines)
    {
        var message = System.Text.Encoding.ASCII.GetBytes("Subject: lines\r\n\r\n" + body);
        for (var at = 1; at < message.Length; at++)
        {
            var mime = ArrivalReader.Read(Messages.Cut(message, [at])).Summary.Mime;
            Assert.Equal((lines, body.Length), (mime.Lines, mime.Length));
        }
    }

    [Theory, MemberData(nameof(Trees))]
    public void Is_read_from_the_message(string name, string expected)
    {
        var message = Corpus.Load(name);
        Assert.Equal(expected.ReplaceLineEndings("\n"), Corpus.Draw(message, ArrivalReader.Read(new ReadOnlySequence<byte>(message)).Summary.Mime));
    }

    [Theory, MemberData(nameof(WellFormed))]
    public void Agrees_with_MimeKit_on_where_parts_are(string name)
    {
        var message = Corpus.Load(name);
        var root = ArrivalReader.Read(new ReadOnlySequence<byte>(message)).Summary.Mime;
        var theirs = new List<(string, long)>();
        var parser = new MimeKit.MimeParser(new MemoryStream(message), MimeKit.MimeFormat.Entity);
        parser.MimeEntityEnd += (_, parsed) => theirs.Add((parsed.Entity.ContentType.MimeType, parsed.HeadersEndOffset));
        parser.ParseMessage();

        Assert.Equal(
            theirs.Order(),
            Corpus.All(root).Select(node => (node.Type, node.Offset)).Order());
    }

    public static TheoryData<string> WellFormed => ["alternative", "attachment", "nested", "utf8-headers", "encrypted", "gb18030", "plain", "no-line-end"];

    [Fact]
    public void Has_a_test_for_every_message() =>
        Assert.Equal(Corpus.Names.Except(["cyrillic", "iso-2022-jp"]).ToHashSet(), Trees.Select(tree => tree.Data.Item1).ToHashSet());
}
