using System.Globalization;
using System.Text;

namespace Appliance.EndToEnd.Traffic;

/// <summary>
/// 200 messages, all different and the same in every run: what correspondents send, and what broken programs send. Each goes to one
/// of two members or to both. One is over 20 MB and two over 5 MB, encoded (base64 adds a third); the rest are small.
/// </summary>
public static class MessageCorpus
{
    public const int Count = 200;

    private const int Large = 5_000_000;
    private const int Largest = 20_000_000;

    private static readonly int[] AttachmentSizes = [0, 1, 56, 57, 58, 1_000, 20_000, 98_000, 98_304, 98_305, 300_000];

    private static readonly (string Name, Action<SampleWriter, Envelope> Write)[] Kinds =
    [
        ("plain", (w, e) => w.Header(e).Line().Words()),
        ("html", Html),
        ("alternative", Alternative),
        ("attachment", (w, e) => Attachment(w, e, AttachmentSizes[e.Round % AttachmentSizes.Length])),
        ("eight-bit", (w, e) => w.Header(e).Mime("text/plain; charset=utf-8", "8bit").Line($"Schöne Grüße {w.Mark()} 🎉")),
        ("latin-1", (w, e) => w.Header(e).Mime("text/plain; charset=iso-8859-1", "8bit").Raw(Encoding.Latin1.GetBytes($"Schöne Grüße {w.Mark()}\r\n"))),
        ("smtputf8", Utf8Header),
        ("nested", Nested),
        ("rfc822", Forwarded),
        ("quoted-printable", (w, e) => w.Header(e).Mime("text/plain; charset=utf-8", "quoted-printable").Line($"Gr=C3=BC=C3=9Fe=\r\n{w.Mark()}=20=")
            .Line("and =3D")),
        ("base64-text", (w, e) => w.Header(e).Mime("text/plain; charset=utf-8", "base64").Base64(200)),
        ("encoded-words", (w, e) => w.Header(e, $"Subject: =?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes("ü" + w.Mark()))}?=").Line().Words()),
        ("gb18030", (w, e) => Charset(w, e, "gb18030", "你好，这是一封信。")),
        ("iso-2022-jp", (w, e) => Charset(w, e, "iso-2022-jp", "お世話になっております。")),
        ("big5", (w, e) => Charset(w, e, "big5", "您好，這是一封信。")),
        ("euc-kr", (w, e) => Charset(w, e, "euc-kr", "안녕하세요.")),
        ("missing-end", (w, e) => w.Header(e).Mime("multipart/mixed; boundary=b").Part("b", "text/plain").Words()),
        ("bad-base64", (w, e) => w.Header(e).Mime("text/plain", "base64").Line("U3Rp*bGw!").Base64(100).Line("====").Line($"{w.Mark()}")),
        ("bad-mime", (w, e) => w.Header(e).Line("Content-Type: multipart/;; boundary").Line("Content-Transfer-Encoding: 9bit").Line().Line("--").Words()),
        ("no-header", (w, _) => w.Line().Words()),
        ("header-only", (w, e) => w.Header(e)),
        ("empty-body", (w, e) => w.Header(e).Line()),
        ("long-lines", (w, e) => w.Header(e).Line().Line(w.Mark() + new string('x', 974)).Line(new string('.', 998))),
        ("dots", (w, e) => w.Header(e).Line().Line(".").Line("..").Line("." + w.Mark()).Line("From someone").Line("QUIT").Line(".")),
        ("folded", (w, e) => w.Header(e, $"Subject:\r\n {w.Mark()}\r\n\t{w.Mark()}").Line("X-Long: " + string.Join("\r\n ", Enumerable.Repeat(new string('y', 900), 5)))
            .Line().Words()),
    ];

    static MessageCorpus() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Made one by one, since some are large.</summary>
    /// <param name="seed">Another seed gives other marks and the same kinds.</param>
    public static IEnumerable<SampleMessage> Generate(string seed, string member, string otherMember)
    {
        for (var i = 0; i < Count; i++)
        {
            var random = new SeededBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}/{i}"));
            var (name, write) = i switch
            {
                60 or 120 => ("large", (w, e) => Attachment(w, e, Large)),
                180 => ("largest", (w, e) => Attachment(w, e, Largest)),
                _ => Kinds[i % Kinds.Length],
            };
            IReadOnlyList<string> to = (i % 3) switch { 0 => [member], 1 => [otherMember], _ => [member, otherMember] };
            var envelope = new Envelope(name == "smtputf8" ? "jürgen@sender.example" : $"{random.Mark()[..8]}@sender.example", to, i / Kinds.Length);
            var writer = new SampleWriter(random);
            write(writer, envelope);
            yield return new SampleMessage(
                string.Create(CultureInfo.InvariantCulture, $"{i:000}-{name}"), writer.ToArray(), envelope.From, to, name == "smtputf8", writer.Marks);
        }
    }

    private static SampleWriter Header(this SampleWriter writer, Envelope envelope, string? subject = null) =>
        writer.Header(envelope.From, envelope.To, subject);

    private static void Html(SampleWriter writer, Envelope envelope) => writer.Header(envelope).Mime("text/html; charset=utf-8", "7bit")
        .Line("<html><head><style>p { color: red }</style></head>").Line($"<body><p title=\"{writer.Mark()}\">Words &amp; {writer.Mark()}</p></body></html>");

    private static void Alternative(SampleWriter writer, Envelope envelope) => writer.Header(envelope).Mime("multipart/alternative; boundary=\"=_a\"")
        .Line("This is a message in MIME format.").Part("=_a", "text/plain; charset=us-ascii").Words(1 + envelope.Round)
        .Part("=_a", "text/html; charset=utf-8", "base64").Base64(Encoding.UTF8.GetBytes($"<p>Größe {writer.Mark()}</p>"))
        .Line("--=_a--").Line("The epilogue.");

    private static void Attachment(SampleWriter writer, Envelope envelope, int bytes) => writer.Header(envelope).Mime("multipart/mixed; boundary=b")
        .Part("b", "text/plain").Words().Attachment("b", bytes).Line("--b--");

    private static void Utf8Header(SampleWriter writer, Envelope envelope) => writer.Header(envelope, $"Subject: Grüße, 你好 {writer.Mark()}")
        .Mime("multipart/mixed; boundary=b").Part("b", "text/plain; charset=utf-8", "8bit").Line("Größe")
        .Part("b", "text/plain", disposition: $"attachment; filename=\"Übersicht {writer.Mark()}.txt\"").Words().Line("--b--");

    private static void Nested(SampleWriter writer, Envelope envelope)
    {
        var depth = 2 + envelope.Round * 3;
        writer.Header(envelope).Mime("multipart/mixed; boundary=b0");
        for (var i = 0; i < depth; i++)
            writer.Part($"b{i}", $"multipart/mixed; boundary=b{i + 1}");
        writer.Part($"b{depth}", "text/plain").Words().Attachment($"b{depth}", 500);
        for (var i = depth; i >= 0; i--)
            writer.Line($"--b{i}--").Line();
    }

    private static void Forwarded(SampleWriter writer, Envelope envelope) => writer.Header(envelope).Mime("multipart/mixed; boundary=outer")
        .Part("outer", "text/plain").Words().Part("outer", "message/rfc822", disposition: "attachment")
        .Header("inner@elsewhere.example", ["someone@elsewhere.example"]).Mime("multipart/mixed; boundary=inner")
        .Part("inner", "text/plain").Words().Attachment("inner", 300).Line("--inner--").Line("--outer--");

    private static void Charset(SampleWriter writer, Envelope envelope, string charset, string text)
    {
        var encoding = Encoding.GetEncoding(charset);
        var subject = Convert.ToBase64String(encoding.GetBytes(text[..3]));
        writer.Header(envelope, $"Subject: =?{charset}?B?{subject}?= {writer.Mark()}")
            .Mime($"text/plain; charset={charset}", "8bit").Raw(encoding.GetBytes($"{text} {writer.Mark()}\r\n"));
    }

    private sealed record Envelope(string From, IReadOnlyList<string> To, int Round);
}
