using System.Text;
using Appliance.Mail.Addresses;
using Appliance.Mail.Headers;
using MimeKit;

namespace Appliance.Mail.Authentication;

/// <summary>Whom a message claims to be from, as far as domains go: what DMARC asks about.</summary>
internal static class Authors
{
    /// <summary>Of more than these no honest message is.</summary>
    private const int Most = 5;

    private static readonly ParserOptions Lenient = new() { CharsetEncoding = Encoding.UTF8 };

    /// <summary>The domains of all addresses in all From fields, A-labels, each once; a reader may be shown any of them.</summary>
    public static IReadOnlyList<string> DomainsIn(HeaderBlock message)
    {
        var domains = new List<string>();
        foreach (var field in message.All("From"))
        {
            if (!InternetAddressList.TryParse(Lenient, field.Value.ToArray(), out var addresses))
                continue;
            foreach (var mailbox in addresses.Mailboxes)
                if (MailDomain.TryParse(mailbox.Address.AsSpan(mailbox.Address.LastIndexOf('@') + 1), out var domain) && !domains.Contains(domain.Ascii))
                    domains.Add(domain.Ascii);
        }
        return domains.Count <= Most ? domains : domains[..Most];
    }
}
