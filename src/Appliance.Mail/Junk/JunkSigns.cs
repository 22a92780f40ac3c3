using System.Buffers;
using System.Globalization;
using System.Text;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Mail.Arrivals;

namespace Appliance.Mail.Junk;

/// <summary>Something about a message that speaks against it, or for it.</summary>
/// <param name="Code">A stable word, which a client puts in its reader's language.</param>
/// <param name="Points">Above zero: against it.</param>
public sealed record JunkSign(string Code, double Points);

/// <summary>What is known of a message once it was asked where it comes from.</summary>
/// <param name="Summary">Of the message as received.</param>
/// <param name="Message">As received.</param>
/// <param name="Verdict">With the client's name and lists.</param>
/// <param name="Helo">What the client called itself.</param>
/// <param name="IsKnown">Several messages of this sender were kept before.</param>
/// <param name="IsOurDomain">Whether mail for a domain (A-labels) is received here.</param>
public sealed record JunkEvidence(Summary Summary, ReadOnlySequence<byte> Message, Verdict Verdict, string Helo, bool IsKnown, Func<string, bool> IsOurDomain);

/// <summary>
/// A small scorer: where a message comes from, whether its header is one an honest program writes, and whether its text tries to mislead. It learns nothing and knows no words, so
/// what it does can be read here. No sign alone makes junk of a message at the usual 5 points.
/// </summary>
public static class JunkSigns
{
    private const int MostHtmlBytes = 256 * 1024;

    private static readonly string[] Programs =
        [".exe", ".scr", ".pif", ".com", ".bat", ".cmd", ".js", ".jse", ".vbs", ".vbe", ".wsf", ".hta", ".lnk", ".iso", ".img", ".vhd", ".msi", ".jar", ".ps1", ".reg", ".cpl", ".dll"];

    public static IReadOnlyList<JunkSign> Of(JunkEvidence evidence)
    {
        var (summary, verdict) = (evidence.Summary, evidence.Verdict);
        var isConfirmed = verdict.Result == "pass";
        var isFromList = summary.ListId is not null;
        var signs = new List<JunkSign>();
        Add("listed", 4, verdict.ListedBy is { Count: > 0 } && verdict.VouchedBy is null);
        Add("no-name", 1, verdict.ReverseDns?.Result is "fail" or "permerror");
        Add("bare-helo", 1, !evidence.Helo.Contains('.', StringComparison.Ordinal) || evidence.Helo.StartsWith('['));
        Add("spf-fail", verdict.Spf?.Result == "fail" ? 2 : 1, !isConfirmed && verdict.Spf?.Result is "fail" or "softfail");
        Add("disowned", 1.5, verdict.Result == "fail");
        Add("unconfirmed", 0.5, verdict.Result == "none");
        Add("several-authors", 2, summary.From.Count > 1 && summary.Sender.Count == 0);
        Add("incomplete-header", 1, summary.From.Count == 0 || summary.Date is null || summary.MessageId is null);
        Add("unreadable-author", 4.5, summary.From.Any(from => from.Address.Contains('@', StringComparison.Ordinal) && DomainOf(from.Address) is null));
        Add("address-in-name", 3, summary.From.Any(ShowsAnotherAddress));
        Add("our-name", 3, !isConfirmed && summary.From.Any(from => DomainOf(from.Address) is { } domain && evidence.IsOurDomain(domain.Ascii)));
        Add("mixed-letters", 3, summary.From.Any(from => DomainOf(from.Address) is { } domain && MixesLetters(domain.ToUnicode())));
        Add("reply-elsewhere", 1, !isConfirmed && !isFromList && RepliesGoElsewhere(summary));
        Add("program", 4, AnyPart(summary.Mime, part => part.FileName is { } name && Programs.Any(end => name.TrimEnd(' ', '.').EndsWith(end, StringComparison.OrdinalIgnoreCase))));
        var (hasFalseLink, hasForm) = LookAtHtml(evidence);
        Add("link-elsewhere", 3, hasFalseLink);
        Add("form", 2, hasForm);
        Add("known", -3, evidence.IsKnown);
        Add("vouched", -2, verdict.VouchedBy is { Count: > 0 });
        return signs;

        void Add(string code, double points, bool holds)
        {
            if (holds)
                signs.Add(new JunkSign(code, points));
        }
    }

    private static bool ShowsAnotherAddress(MailAddress from) =>
        from.Name is { } name && name.Split([' ', '<', '>', '"', '\'', '(', ')', ',', ';'], StringSplitOptions.RemoveEmptyEntries)
            .Any(word => Mailbox.TryParse(word, out var shown) && DomainOf(from.Address) is { } used && !HtmlLinks.AreOfOneOrganization(shown.Domain.Ascii, used.Ascii));

    private static bool RepliesGoElsewhere(Summary summary) =>
        summary.ReplyTo is [var reply, ..] && summary.From is [var from, ..]
        && DomainOf(reply.Address) is { } to && DomainOf(from.Address) is { } by && !HtmlLinks.AreOfOneOrganization(to.Ascii, by.Ascii);

    /// <summary>Latin with Cyrillic or Greek in one label: no language is written so.</summary>
    private static bool MixesLetters(string domain) => domain.Split('.').Any(label =>
        label.Any(char.IsAsciiLetter) && label.EnumerateRunes().Any(letter => letter.Value is >= 0x370 and < 0x530 && Rune.GetUnicodeCategory(letter) is UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter));

    private static bool AnyPart(MimeNode node, Func<MimeNode, bool> holds) => holds(node) || node.Children.Any(child => AnyPart(child, holds));

    private static MailDomain? DomainOf(string address) => MailDomain.TryParse(address.AsSpan(address.LastIndexOf('@') + 1), out var domain) ? domain : null;

    private static (bool FalseLink, bool Form) LookAtHtml(JunkEvidence evidence)
    {
        MimeNode? html = null;
        AnyPart(evidence.Summary.Mime, part => (html ??= part.Type == "text/html" && part.Children.Count == 0 ? part : null) is not null);
        if (html is null)
            return (false, false);
        using var text = DecodedText.Of(evidence.Message, html, MostHtmlBytes);
        return HtmlLinks.Look(text.Span);
    }
}
