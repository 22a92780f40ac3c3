using System.Buffers;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Mail.Arrivals;
using Appliance.Mail.Junk;

namespace Appliance.Mail.Tests.Junk;

public sealed class JunkSignsTests
{
    private const string Whole = "Date: Fri, 27 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@a.example>\r\n";
    private static readonly Verdict Pass = new("pass", "") { From = "a.example" };
    private static readonly Verdict None = new("none", "");

    public static TheoryData<string, string, string> Messages => new()
    {
        { "an ordinary letter", "From: Ann <ann@a.example>\r\n", "" },
        { "without a date", "From: ann@a.example\r\nX: ", "incomplete-header" },
        { "another address in the name", "From: \"service@bank.example\" <x@a.example>\r\n", "address-in-name" },
        { "its own address in the name", "From: \"ann@a.example\" <ann@news.a.example>\r\n", "" },
        { "Cyrillic among Latin", "From: ann@xn--pple-43d.example\r\n", "mixed-letters" },
        { "Cyrillic alone", "From: ann@xn--80ak6aa92e.example\r\n", "" },
        { "two authors and no sender", "From: ann@a.example, ben@a.example\r\n", "several-authors" },
        { "two authors and a sender", "From: ann@a.example, ben@a.example\r\nSender: ann@a.example\r\n", "" },
        { "a program", "From: ann@a.example\r\nContent-Type: application/pdf; name=\"invoice.pdf.exe\"\r\n", "program" },
        { "a picture", "From: ann@a.example\r\nContent-Type: image/jpeg; name=\"photo.jpg\"\r\n", "" },
    };

    [Theory, MemberData(nameof(Messages))]
    public void Of_a_header(string why, string fields, string expected) =>
        Assert.Equal((why, expected), (why, string.Join(' ', Codes(fields.EndsWith("X: ", StringComparison.Ordinal) ? fields + "y\r\n\r\nHello.\r\n" : $"{Whole}{fields}\r\nHello.\r\n", Pass))));

    [Theory]
    [InlineData("<a href=\"https://b.example/\">https://bank.example/login</a>", "link-elsewhere")]
    [InlineData("<a class=x href='http://b.example'>\r\n www.bank.example </a>", "link-elsewhere")]
    [InlineData("<A HREF=https://bank.example@b.example/>https://bank.example</A>", "link-elsewhere")]
    [InlineData("<a href=\"https://www.bank.example/x\">https://bank.example</a>", "")]
    [InlineData("<a href=\"https://one.co.uk\">https://two.co.uk</a>", "link-elsewhere")]
    [InlineData("<a href=\"https://click.one.co.uk\">https://one.co.uk</a>", "")]
    [InlineData("<a href=\"https://click.agent.example/1\">Read on</a>", "")]
    [InlineData("<a href=\"https://click.agent.example/1\"><img src=x></a> https://bank.example", "")]
    [InlineData("<a href=\"mailto:ann@a.example\">https://bank.example</a>", "")]
    [InlineData("<a name=x>https://bank.example</a><abbr>a</abbr>", "")]
    [InlineData("<form action=\"https://b.example\"><input></form>", "form")]
    [InlineData("<format>", "")]
    [InlineData("<a href=\"https://b.example", "")]
    [InlineData("<a <a <a href=", "")]
    public void Of_HTML(string html, string expected) =>
        Assert.Equal(expected, string.Join(' ', Codes($"{Whole}From: ann@a.example\r\nContent-Type: text/html\r\n\r\n{html}", Pass)));

    [Fact]
    public void Of_where_it_comes_from()
    {
        const string letter = Whole + "From: boss@ours.example\r\nReply-To: x@free.example\r\n\r\nHello.\r\n";
        Assert.Equal(["unconfirmed", "our-name", "reply-elsewhere"], Codes(letter, None));
        Assert.Equal(["bare-helo", "spf-fail", "disowned", "our-name", "reply-elsewhere"], Codes(letter, new Verdict("fail", "") { Spf = new MethodResult("fail") }, helo: "localhost"));
        Assert.Empty(Codes(letter, Pass));
        var listed = None with { ListedBy = ["block.example"], ReverseDns = new MethodResult("permerror") };
        Assert.Equal(["listed", "no-name", "unconfirmed", "our-name", "reply-elsewhere"], Codes(letter, listed));
        Assert.Equal(["no-name", "unconfirmed", "our-name", "reply-elsewhere", "vouched"], Codes(letter, listed with { VouchedBy = ["allow.example"] }));
    }

    [Theory]
    [InlineData("ceo@bank.example\u2061", "ceo@bank.example\ufffd", true)]
    [InlineData("ceo@bank\u3164.example", "ceo@bank\ufffd.example", true)]
    [InlineData("ceo@b\u00e4nk.example", "ceo@b\u00e4nk.example", false)]
    [InlineData("a\u200db@bank.example", "a\u200db@bank.example", false)] // scripts that need it write names with it
    public void Of_what_nobody_sees_in_a_domain(string written, string shown, bool isSign)
    {
        var message = $"{Whole}From: Boss <{written}>\r\n\r\n";
        Assert.Equal(shown, Assert.Single(ArrivalReader.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(message))).Summary.From).Address);
        Assert.Equal(isSign ? ["unconfirmed", "unreadable-author"] : ["unconfirmed"], Codes(message, None));
    }

    [Fact]
    public void No_sign_alone_makes_junk_and_being_known_speaks_for_it()
    {
        var signs = new HashSet<JunkSign>();
        foreach (var verdict in new[] { None, new Verdict("fail", "") { Spf = new MethodResult("fail") }, None with { ListedBy = ["x"] }, None with { ReverseDns = new MethodResult("fail") } })
            foreach (var html in new[] { "<form >", "<a href=https://b.example>https://a.example</a>" })
                signs.UnionWith(Signs($"From: \"x@y.example\" <a@ours.example>, b@c.example\r\nContent-Type: text/html; name=a.exe\r\n\r\n{html}", verdict, "localhost"));
        Assert.True(signs.Count >= 10);
        Assert.All(signs, sign => Assert.InRange(sign.Points, 0.5, 4.5));
        Assert.Contains(new JunkSign("known", -3), Signs($"{Whole}From: ann@a.example\r\n\r\n", Pass, isKnown: true));
    }

    private static IEnumerable<string> Codes(string message, Verdict verdict, string helo = "mail.a.example") => Signs(message, verdict, helo).Select(sign => sign.Code);

    private static IReadOnlyList<JunkSign> Signs(string message, Verdict verdict, string helo = "mail.a.example", bool isKnown = false)
    {
        var bytes = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(message));
        return JunkSigns.Of(new JunkEvidence(ArrivalReader.Read(bytes).Summary, bytes, verdict, helo, isKnown, domain => domain == "ours.example"));
    }
}
