namespace Appliance.EndToEnd.Reputation;

/// <summary>What a server sends, as it comes over the line.</summary>
/// <param name="Kind">What it is; those of <see cref="MadeCorpus.Hostile"/> are not honest.</param>
/// <param name="Client">The server's address.</param>
public sealed record CorpusMessage(string Kind, string Client, string Helo, string MailFrom, string Message);

/// <summary>Messages made for this test in the ways of honest senders and of those who are not; nobody wrote or received any of them.</summary>
public static class MadeCorpus
{
    /// <summary>Who is in the DNS: its servers, what they may send, and what it asks for.</summary>
    public const string Zone = """
        10.2.0.192.in-addr.arpa. PTR mail.school.example.
        mail.school.example. A 192.0.2.10
        school.example. TXT "v=spf1 ip4:192.0.2.10 -all"
        _dmarc.school.example. TXT "v=DMARC1; p=reject"
        11.2.0.192.in-addr.arpa. PTR out.esp.example.
        out.esp.example. A 192.0.2.11
        bounces.shop.example. TXT "v=spf1 ip4:192.0.2.11 -all"
        _dmarc.shop.example. TXT "v=DMARC1; p=quarantine"
        bounces.paper.example. TXT "v=spf1 ip4:192.0.2.11 ~all"
        12.2.0.192.in-addr.arpa. PTR lists.club.example.
        lists.club.example. A 192.0.2.12
        lists.club.example. TXT "v=spf1 a -all"
        13.2.0.192.in-addr.arpa. PTR mx.alumni.example.
        mx.alumni.example. A 192.0.2.13
        alumni.example. TXT "v=spf1 a:mx.alumni.example -all"
        aunt.example. TXT "v=spf1 ip4:192.0.2.77 -all"
        14.2.0.192.in-addr.arpa. PTR mail.baker.example.
        mail.baker.example. A 192.0.2.14
        ; a home server whose provider gives it no name
        garden.example. TXT "v=spf1 ip4:192.0.2.15 -all"
        _dmarc.garden.example. TXT "v=DMARC1; p=none"
        22.2.0.192.in-addr.arpa. PTR vps22.cheap.example.
        vps22.cheap.example. A 192.0.2.22
        bank.example. TXT "v=spf1 ip4:198.51.100.1 -all"
        _dmarc.bank.example. TXT "v=DMARC1; p=reject"
        23.2.0.192.block.example. A 127.0.0.2
        """;

    public static readonly IReadOnlySet<string> Hostile = new HashSet<string> { "phishing", "malware", "scam" };

    public static IEnumerable<CorpusMessage> All(string to)
    {
        // Ordinary letters
        yield return new("ordinary", "192.0.2.10", "mail.school.example", "office@school.example", Plain("School office <office@school.example>", to, "Parents' evening", "It is on Thursday at six."));
        yield return new("ordinary", "192.0.2.10", "mail.school.example", "j.ortega@school.example", Plain("J. Ortega <j.ortega@school.example>", to, "Re: Mathematics", "See https://school.example/plan for the plan."));
        yield return new("ordinary", "192.0.2.14", "mail.baker.example", "ina@baker.example", Plain("Ina Baker <ina@baker.example>", to, "Your cake", "It is ready from ten o'clock."));
        yield return new("ordinary", "192.0.2.15", "garden.example", "tom@garden.example", Plain("Tom <tom@garden.example>", to, "Seeds", "I have kept some for you."));
        yield return new("ordinary", "192.0.2.15", "garden.example", "tom@garden.example", Html("Tom <tom@garden.example>", to, "Pictures", "<p>They are at <a href=\"https://pictures.garden.example/7\">https://pictures.garden.example/7</a></p>"));
        yield return new("ordinary", "192.0.2.14", "mail.baker.example", "", Plain("Mail Delivery System <MAILER-DAEMON@mail.baker.example>", to, "Undelivered mail", "There is no such mailbox.", "Auto-Submitted: auto-replied\r\n"));

        // Newsletters: links are counted, and lead through the sender's agent
        foreach (var (number, shop) in new[] { "Lamps", "Shoes", "Books" }.Index())
        {
            yield return new("newsletter", "192.0.2.11", "out.esp.example", $"b-{number}@bounces.shop.example", Html($"{shop} at Shop <news@shop.example>", to, $"{shop} for less",
                $"<h1>{shop}</h1><p><a href=\"https://click.esp.example/{number}\"><img src=\"https://img.esp.example/a.png\"></a> <a href=\"https://click.esp.example/u{number}\">Unsubscribe</a></p>",
                "List-Unsubscribe: <https://click.esp.example/u>\r\nReply-To: care@shop.example\r\n"));
        }
        yield return new("newsletter", "192.0.2.11", "out.esp.example", "b-9@bounces.paper.example", Html("The Paper <editor@paper.example>", to, "This morning",
            "<p>Read more at <a href=\"https://click.esp.example/p\">https://paper.example/today</a></p>", "List-Unsubscribe: <https://click.esp.example/u>\r\nList-Id: <morning.paper.example>\r\n"));
        yield return new("newsletter", "192.0.2.11", "out.esp.example", "b-10@bounces.paper.example", Html("The Paper <editor@paper.example>", to, "A survey",
            "<p>How did we do?</p><form action=\"https://paper.example/s\"><input name=\"n\"></form>", "List-Id: <morning.paper.example>\r\n"));

        // Lists: the list sends, the member wrote
        foreach (var author in new[] { "ann@school.example", "bo@aunt.example", "cy@paper.example", "dee@garden.example" })
        {
            yield return new("list", "192.0.2.12", "lists.club.example", "birds-bounces@lists.club.example", Plain($"Member <{author}>", to, $"[birds] A heron, writes {author}", "By the mill.",
                "List-Id: Birds <birds.lists.club.example>\r\nSender: birds-bounces@lists.club.example\r\nReply-To: birds@lists.club.example\r\nPrecedence: list\r\n"));
        }

        // Forwarded by an alumni address: SPF fails, nobody signed
        foreach (var subject in new[] { "Christmas", "Your visit", "The recipe", "Fw: photographs" })
            yield return new("forwarded", "192.0.2.13", "mx.alumni.example", "rosa@aunt.example", Plain("Aunt Rosa <rosa@aunt.example>", to, subject, "With love.", "Delivered-To: me@alumni.example\r\n"));

        // Receipts
        foreach (var number in new[] { 4711, 4712, 4713 })
        {
            yield return new("receipt", "192.0.2.11", "out.esp.example", $"r-{number}@bounces.shop.example", Html("Shop <orders@shop.example>", to, $"Order {number}",
                $"<table><tr><td>1 lamp</td><td>20.00</td></tr></table><p><a href=\"https://shop.example/orders/{number}\">Your order</a></p>"));
        }
        yield return new("receipt", "192.0.2.14", "mail.baker.example", "noreply@baker.example", Plain("Baker's <noreply@baker.example>", to, "Receipt 12", "One cake, 18.00. Thank you."));

        // In somebody else's name
        yield return new("phishing", "192.0.2.22", "vps22.cheap.example", "x@vps22.cheap.example", Html("\"service@bank.example\" <x@vps22.cheap.example>", to, "Your account is blocked",
            "<p>Sign in within the hour: <a href=\"https://b4nk.cheap.example/in\">https://bank.example/login</a></p>"));
        yield return new("phishing", "192.0.2.22", "vps22.cheap.example", "x@vps22.cheap.example", Html("Bank <service@bank.example>", to, "Confirm your details", "<form action=\"https://b4nk.cheap.example\"><input name=\"pin\"></form>"));
        yield return new("phishing", "192.0.2.21", "[192.0.2.21]", "admin@home.example", Html("IT <admin@home.example>", to, "Your mailbox is full", "<p><a href=\"http://192.0.2.21/owa\">https://mail.home.example</a></p>"));
        yield return new("phishing", "192.0.2.22", "vps22.cheap.example", "y@vps22.cheap.example", Html("Shop <orders@xn--shp-vmc.example>", to, "Refund", "<p><a href=\"https://xn--shp-vmc.example/\">https://shop.example/refund</a></p>"));
        yield return new("phishing", "192.0.2.21", "localhost", "boss@school.example", Plain("The headmaster <boss@school.example>", to, "Urgent", "Are you at your desk?", "Reply-To: head.master@free.example\r\n"));
        yield return new("malware", "192.0.2.21", "user-pc", "billing@cheap.example", Attached("Billing <billing@cheap.example>", to, "Invoice", "invoice.pdf.exe"));
        yield return new("malware", "192.0.2.22", "vps22.cheap.example", "scan@cheap.example", Attached("Scanner <scan@cheap.example>", to, "Scanned document", "scan.iso"));
        yield return new("malware", "192.0.2.23", "mail.cheap.example", "z@cheap.example", Attached("Z <z@cheap.example>", to, "Photo", "photo.jpg.scr"));
        yield return new("scam", "192.0.2.23", "mail.cheap.example", "heir@cheap.example", Plain("Barrister <heir@cheap.example>", to, "Inheritance", "Ten millions are waiting.", "Reply-To: barrister@free.example\r\n"));
        yield return new("scam", "192.0.2.22", "vps22.cheap.example", "heir@cheap.example", Plain("Barrister <heir@cheap.example>", to, "Your inheritance", "Ten millions are waiting.", "Reply-To: barrister@free.example\r\n"));
    }

    private static string Plain(string from, string to, string subject, string text, string fields = "") => $"{Header(from, to, subject)}{fields}Content-Type: text/plain\r\n\r\n{text}\r\n";

    private static string Html(string from, string to, string subject, string html, string fields = "") => $"{Header(from, to, subject)}{fields}Content-Type: text/html\r\n\r\n<html><body>{html}</body></html>\r\n";

    private static string Attached(string from, string to, string subject, string file) =>
        $"{Header(from, to, subject)}Content-Type: application/octet-stream; name=\"{file}\"\r\nContent-Disposition: attachment; filename=\"{file}\"\r\nContent-Transfer-Encoding: base64\r\n\r\nTVqQAAMAAAA=\r\n";

    private static string Header(string from, string to, string subject) =>
        $"From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Fri, 27 Nov 2026 08:00:00 +0000\r\nMessage-ID: <{Guid.NewGuid():N}@{from[(from.LastIndexOf('@') + 1)..].TrimEnd('>')}>\r\nMIME-Version: 1.0\r\n";
}
