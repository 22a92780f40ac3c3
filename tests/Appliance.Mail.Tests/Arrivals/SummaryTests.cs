using System.Buffers;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Mail.Arrivals;

namespace Appliance.Mail.Tests.Arrivals;

public sealed class SummaryTests
{
    [Fact]
    public void Takes_all_fields_of_a_plain_message()
    {
        var summary = Read("plain");

        Assert.Equal([new MailAddress("Ann Example", "ann@example.org")], summary.From);
        Assert.Equal([new MailAddress(null, "list-owner@example.org")], summary.Sender);
        Assert.Equal([new MailAddress("The List", "list@example.org")], summary.ReplyTo);
        Assert.Equal([new MailAddress("Bob", "bob@example.net"), new MailAddress(null, "carol@example.net")], summary.To);
        Assert.Equal([new MailAddress("Jürgen", "juergen@example.net")], summary.Cc);
        Assert.Equal("A plain message with a subject that is folded", summary.Subject);
        Assert.Equal("Mon, 23 Nov 2026 10:00:00 +0100", summary.Date);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero), summary.DateUtc);
        Assert.Equal("one@example.org", summary.MessageId);
        Assert.Equal(["zero@example.org"], summary.InReplyTo);
        Assert.Equal(["minus-one@example.org", "zero@example.org"], summary.References);
        Assert.Equal("our-list.example.org", summary.ListId);
        Assert.Equal("<mailto:leave@example.org>, <https://example.org/leave?a=1>", summary.ListUnsubscribe);
        Assert.Equal("auto-generated", summary.AutoSubmitted);
        Assert.Equal(766, summary.Size);
        Assert.Equal(710, summary.HeaderLength);
        Assert.Equal(Verdict.None, summary.Verdict);
    }

    [Theory]
    [InlineData("alternative", "✓ Your order")]
    [InlineData("gb18030", "关于下周的会议")]
    [InlineData("iso-2022-jp", "会議の件")]
    [InlineData("cyrillic", "Привет")]
    [InlineData("utf8-headers", "Grüße 🎉")]
    [InlineData("bad-fields", "wordsline  Bcc: x")]
    [InlineData("no-header", null)]
    public void Decodes_the_subject(string name, string? subject) => Assert.Equal(subject, Read(name).Subject);

    [Theory]
    [InlineData("gb18030", "张三", "zhang@example.cn")]
    [InlineData("iso-2022-jp", "山田太郎", "yamada@example.jp")]
    [InlineData("cyrillic", "Анна", "anna@example.ru")]
    [InlineData("utf8-headers", "Jürgen", "jürgen@bücher.example")]
    [InlineData("bad-fields", "Broken <<nobody at all>", "")]
    public void Decodes_the_sender(string name, string display, string address) =>
        Assert.Equal([new MailAddress(display, address)], Read(name).From);

    [Theory]
    [InlineData("plain", "Hello Bob, this is the first paragraph.")]
    [InlineData("alternative", "Grüße: your order is on its way.")]
    [InlineData("html", "Sale & more\u200c Up to 5 < 6 € off today Bye!")]
    [InlineData("attachment", "See the report.")]
    [InlineData("nested", "Plain words")]
    [InlineData("gb18030", "你好，这是一封测试邮件。请查收附件。")]
    [InlineData("iso-2022-jp", "お世話になっております。")]
    [InlineData("cyrillic", "Добрый день, Боб.")]
    [InlineData("clear-signed", "The signed words.")]
    [InlineData("reply", "Noon is fine.")]
    [InlineData("encrypted", "")]
    [InlineData("header-only", "")]
    [InlineData("empty", "")]
    public void Shows_the_first_words(string name, string snippet) => Assert.Equal(snippet, Read(name).Snippet);

    [Fact]
    public void Shows_what_a_reply_quotes_when_it_says_nothing_else() =>
        Assert.Equal("Yes or no?", Read("Subject: x\r\n\r\n> Yes\r\n> or no?\r\n"u8).Snippet);

    [Fact]
    public void Shows_HTML_when_the_plain_text_is_blank() => Assert.Equal("Words", Read("""
        Content-Type: multipart/alternative; boundary=b

        --b

          
        --b
        Content-Type: text/html

        <div>Words<blockquote>quoted</blockquote></div>
        --b--
        """).Snippet);

    [Fact]
    public void Cuts_the_snippet_between_characters()
    {
        var snippet = Read(Encoding.UTF8.GetBytes("Content-Type: text/plain; charset=utf-8\r\n\r\na" + string.Concat(Enumerable.Repeat("🎉", 150)))).Snippet;

        Assert.Equal(199, snippet.Length);
        Assert.EndsWith("🎉", snippet, StringComparison.Ordinal);
    }

    [Fact]
    public void Keeps_the_name_of_a_group_and_its_members()
    {
        var summary = Read("groups");

        Assert.Equal(
            [new("A Group", ""), new("Bob", "bob@example.net"), new(null, "carol@example.net"), new MailAddress(null, "dave@example.net")],
            summary.To);
        Assert.Equal([new MailAddress("undisclosed-recipients", "")], summary.Cc);
    }

    [Fact]
    public void Takes_all_fields_of_an_attachment()
    {
        var part = Read("attachment").Mime.Children[1];

        Assert.Equal("attachment", part.Disposition);
        Assert.Equal("€ rates for 2026.pdf", part.FileName);
        Assert.Equal("old-name.pdf", part.Parameters["name"]);
        Assert.Equal("report@example.org", part.ContentId);
        Assert.Equal("Résumé", part.Description);
        Assert.Equal(["de", "en-GB"], part.Language);
        Assert.Equal("https://example.org/reports/2026.pdf", part.Location);
        Assert.Equal("Q2hlY2sgSW50ZWdyaXR5IQ==", part.Md5);
        Assert.Equal("base64", part.Encoding);
    }

    [Fact]
    public void Takes_the_envelope_of_an_attached_message()
    {
        var envelope = Read("nested").Mime.Children[1].Envelope!;

        Assert.Equal([new MailAddress("Dan", "dan@example.com")], envelope.From);
        Assert.Equal([new("Team", ""), new(null, "eve@example.com"), new MailAddress(null, "frank@example.com")], envelope.To);
        Assert.Equal("Weitergeleitet für dich", envelope.Subject);
        Assert.Equal("Thu, 1 Jan 2026 00:00:00 +0000", envelope.Date);
        Assert.Equal("inner@example.com", envelope.MessageId);
        Assert.Equal(["before@example.com"], envelope.InReplyTo);
    }

    [Fact]
    public void Does_not_read_a_date_nobody_can_read() => Assert.Null(Read("bad-fields").DateUtc);

    [Fact]
    public void Leaves_out_the_address_where_an_overlong_field_was_cut()
    {
        var to = string.Join(",\r\n ", Enumerable.Range(0, 100).Select(i => $"member{i:000}@example.org"));
        var arrival = ArrivalReader.Read(
            new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes($"To: {to}\r\n\r\n")), limits: new ArrivalLimits(MaxFieldBytes: 1_000));

        Assert.InRange(arrival.Summary.To.Count, 30, 60);
        Assert.All(arrival.Summary.To, address => Assert.Matches("^member[0-9]{3}@example.org$", address.Address));
    }

    [Fact]
    public void Survives_its_own_format()
    {
        foreach (var name in Corpus.Names)
        {
            var json = Read(name).ToJson();
            Assert.Equal(json, Summary.FromJson(json).ToJson());
        }
    }

    private static Summary Read(string nameOrText) =>
        Read(nameOrText.Contains('\n', StringComparison.Ordinal)
            ? Encoding.UTF8.GetBytes(nameOrText.ReplaceLineEndings("\r\n"))
            : Corpus.Load(nameOrText));

    private static Summary Read(ReadOnlySpan<byte> message) => ArrivalReader.Read(new ReadOnlySequence<byte>(message.ToArray())).Summary;
}
