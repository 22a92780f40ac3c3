using System.Text;
using Appliance.Mail.Addresses;
using Appliance.Mail.Headers;
using MimeKit;

namespace Appliance.Mail.Authentication;

/// <summary>Whom a message claims to be from, as far as domains go: what DMARC asks about.</summary>
public static class Authors
{
    /// <summary>Of more than these no honest message is.</summary>
    private const int Most = 5;

    private static readonly ParserOptions Lenient = new() { CharsetEncoding = Encoding.UTF8 };

    /// <summary>The domains of all addresses in all From fields, A-labels, each once; a reader may be shown any of them.</summary>
    public static IReadOnlyList<string> DomainsIn(HeaderBlock message)
    {
        var domains = new List<string>();
        foreach (var (_, address) in Written(message))
            if (MailDomain.TryParse(address.AsSpan(address.LastIndexOf('@') + 1), out var domain) && !domains.Contains(domain.Ascii))
                domains.Add(domain.Ascii);
        return domains.Count <= Most ? domains : domains[..Most];
    }

    /// <summary>Their addresses, as far as they are any.</summary>
    public static IReadOnlyList<Mailbox> AddressesIn(HeaderBlock message) =>
        [.. Written(message).Take(Most).Select(author => Mailbox.TryParse(author.Address, out var address) ? address : null).OfType<Mailbox>()];

    /// <summary>Names and addresses, as they are written.</summary>
    private static IEnumerable<(string? Name, string Address)> Written(HeaderBlock message)
    {
        foreach (var field in message.All("From"))
            if (InternetAddressList.TryParse(Lenient, field.Value.ToArray(), out var addresses))
                foreach (var mailbox in addresses.Mailboxes)
                    yield return (mailbox.Name, mailbox.Address);
    }
}
