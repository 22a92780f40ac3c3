using System.Text;
using Appliance.Mail.Addresses;
using Appliance.Mail.Headers;
using MimeKit;

namespace Appliance.Mail.Authentication;

/// <summary>Whom a message claims to be from, in all its From fields; a reader may be shown any of them.</summary>
/// <param name="Domains">What DMARC asks about: A-labels, each once; <see cref="Unreadable"/> for what is none, or one too many.</param>
/// <param name="Addresses">Of the first authors, as far as they are any.</param>
public sealed record Authors(IReadOnlyList<string> Domains, IReadOnlyList<Mailbox> Addresses)
{
    /// <summary>A reader may take what is written there for any other domain, so that a message with it is not its other authors' either.</summary>
    public const string Unreadable = "";

    /// <summary>Of more than these no honest message is.</summary>
    private const int Most = 5;

    private static readonly ParserOptions Lenient = new() { CharsetEncoding = Encoding.UTF8 };

    public static Authors In(HeaderBlock message)
    {
        var (domains, addresses, seen) = (new List<string>(), new List<Mailbox>(), 0);
        foreach (var written in Written(message))
        {
            if (seen++ < Most && Mailbox.TryParse(written, out var address))
                addresses.Add(address);
            var domain = MailDomain.TryParse(written.AsSpan(written.LastIndexOf('@') + 1), out var read) ? read.Ascii : Unreadable;
            if (domains.Contains(domain))
                continue;
            domains.Add(domains.Count < Most ? domain : Unreadable);
            if (domains.Count > Most)
                break;
        }
        return new Authors(domains, addresses);
    }

    private static IEnumerable<string> Written(HeaderBlock message)
    {
        foreach (var field in message.All("From"))
            if (InternetAddressList.TryParse(Lenient, field.Value.ToArray(), out var addresses))
                foreach (var mailbox in addresses.Mailboxes)
                    yield return mailbox.Address;
    }
}
