using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Server.Accounts;
using Appliance.Server.Domains;
using Appliance.Server.Keys;
using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>Where mail for one accepted recipient goes, and the key it will be sealed to: fixed at RCPT.</summary>
/// <param name="Written">The address as the sender wrote it.</param>
/// <param name="DeliveredTo">The address of the mailbox.</param>
/// <param name="Matched">The alias or the tag that led there; the address itself when a catch-all did.</param>
/// <param name="IsRole">It was written to postmaster or abuse: whoever writes there may be telling what is wrong, and is heard.</param>
public sealed record Destination(MailboxId MailboxId, RecipientKey Key, string Written, string DeliveredTo, string? Matched = null, bool IsRole = false);

/// <summary>Where mail for one address goes.</summary>
/// <param name="Destinations">Empty when it is refused, or goes to an old host.</param>
/// <param name="OldHost">Has to be asked, and gets the mail.</param>
public sealed record RecipientRoute(IReadOnlyList<Destination> Destinations, SmtpReply? Refusal = null, OldHost? OldHost = null);

/// <summary>
/// Decides, at RCPT, everything that differs from recipient to recipient. An address is looked for as it is written, among members' and aliases; then without its tag
/// (<c>ann+shop@</c> is ann's, RFC 5233); then it is whoever gets what nobody has in that domain. While a domain moves here, members who have not
/// come yet are nobody.
/// </summary>
public sealed class Recipients(IStore store, RecipientKeys keys, TimeProvider time, IOptions<MxOptions> options, IOptions<MailboxOptions> mailboxes)
{
    internal static readonly SmtpReply NoMailbox = new(550, "5.1.1", "There is no such mailbox here; check the address");

    private static readonly SmtpReply Full = new(452, "4.2.2", "This mailbox is full at the moment; try again later, or reach its owner another way");

    public RecipientRoute Find(SmtpPath path)
    {
        if (path.Mailbox is not { } mailbox)
            return path.IsPostmaster ? FindOperator("postmaster") : Refuse(NoMailbox);
        if (store.FindMainDomain(mailbox.Domain.Ascii) is not { } domain)
        {
            return Refuse(store.AnyDomain()
                ? new SmtpReply(550, "5.7.1", "We do not relay: this domain's mail is not received here")
                : new SmtpReply(451, "4.3.2", "This server is not set up yet, try again later"));
        }
        if (RoleAddresses.IsRole(mailbox))
            return FindOperator(mailbox.ToString());
        var local = mailbox.Key[..mailbox.Key.LastIndexOf('@')];
        return Find($"{local}@{domain.Name}", mailbox, matched: null, domain)
            ?? (TagStart(local) is { } tag ? Find($"{local[..tag]}@{domain.Name}", mailbox, matched: local[(tag + 1)..], domain) : null)
            ?? (domain.CatchAll is { } catchAll ? Find(catchAll, mailbox, matched: mailbox.Key, domain) : null)
            ?? (OldHost.TryParse(domain.OldHost ?? "", out var oldHost) ? new RecipientRoute([], OldHost: oldHost) : null)
            ?? Refuse(NoMailbox);
    }

    /// <summary>Where the tag's separator stands; null when there is none, or nothing before it.</summary>
    private int? TagStart(string local) =>
        options.Value.AddressSeparator is [var separator] && local.IndexOf(separator, StringComparison.Ordinal) is > 0 and var at ? at : null;

    /// <summary>Null: there is no such address.</summary>
    private RecipientRoute? Find(string address, Mailbox written, string? matched, DomainRow domain)
    {
        if (store.FindAddress(address) is { } own)
            return own.Keys.Count == 0 && domain.OldHost is not null ? null : Find([own], written.ToString(), matched);
        if (store.FindAlias(address) is not { } alias)
            return null;
        // Members may have gone since; the alias is for those who are there.
        var targets = alias.Targets.Select(store.FindAddress).OfType<AddressRow>().ToList();
        return targets.Count > 0 ? Find(targets, written.ToString(), matched ?? alias.Address) : null;
    }

    private RecipientRoute FindOperator(string written) =>
        store.FindOperator() is { } account && store.FindAddress(account.Address) is { } address ? Find([address], written, matched: null, isRole: true) : Refuse(NoMailbox);

    /// <summary>All of them or, when one cannot take mail now, none: the sender tries again, and nobody is left out.</summary>
    private RecipientRoute Find(List<AddressRow> addresses, string written, string? matched, bool isRole = false)
    {
        var destinations = new List<Destination>(addresses.Count);
        foreach (var address in addresses)
        {
            if (address.Keys.Count == 0)
            {
                return Refuse(address.InvitedUntil > time.GetUtcNow()
                    ? new SmtpReply(450, "4.2.1", "This mailbox is not ready yet, try again later")
                    : NoMailbox);
            }
            if (keys.Find(address) is not { } key)
                return Refuse(new SmtpReply(450, "4.7.5", "This mailbox has no usable key at the moment, try again later"));
            if (!isRole && store.Get(MailboxRow.All, Key.Of(address.MailboxId.Value))?.IsFull(mailboxes.Value) == true)
                return Refuse(Full);
            destinations.Add(new Destination(address.MailboxId, key, written, address.Address, matched, isRole));
        }
        return new RecipientRoute(destinations);
    }

    private static RecipientRoute Refuse(SmtpReply reply) => new([], reply);
}
