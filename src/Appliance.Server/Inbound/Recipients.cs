using Appliance.Crypto.Formats;
using Appliance.Crypto.Keys;
using Appliance.Mail.Addresses;
using Appliance.Mail.Smtp;
using Appliance.Server.Accounts;
using Appliance.Server.Domains;
using Appliance.Server.Keys;
using Appliance.Server.Storage;

namespace Appliance.Server.Inbound;

/// <summary>Where mail for one accepted recipient goes, and the key it will be sealed to: fixed at RCPT.</summary>
/// <param name="Written">The address as the sender wrote it.</param>
/// <param name="DeliveredTo">The address of the mailbox.</param>
public sealed record Destination(MailboxId MailboxId, RecipientKey Key, string Written, string DeliveredTo);

/// <summary>Decides, at RCPT, everything that differs from recipient to recipient.</summary>
public sealed class Recipients(IStore store, RecipientKeys keys, TimeProvider time)
{
    public (Destination? Destination, SmtpReply? Refusal) Find(SmtpPath path)
    {
        if (!path.IsPostmaster && (path.Mailbox is not { } mailbox || !store.IsHosted(mailbox.Domain.Ascii)))
        {
            return store.AnyDomain()
                ? Refuse(550, "5.7.1", "We do not relay: this domain's mail is not received here")
                : Refuse(451, "4.3.2", "This server is not set up yet, try again later");
        }
        if (FindAddress(path) is not { } address)
            return Refuse(550, "5.1.1", "There is no such mailbox here; check the address");
        if (address.Keys.Count == 0)
        {
            return address.InvitedUntil > time.GetUtcNow()
                ? Refuse(450, "4.2.1", "This mailbox is not ready yet, try again later")
                : Refuse(550, "5.1.1", "There is no such mailbox here; check the address");
        }
        return keys.Find(address) is { } key
            ? (new Destination(address.MailboxId, key, path.Mailbox?.ToString() ?? "postmaster", address.Address), null)
            : Refuse(450, "4.7.5", "This mailbox has no usable key at the moment, try again later");
    }

    private AddressRow? FindAddress(SmtpPath path)
    {
        if (path.Mailbox is { } mailbox && !RoleAddresses.IsRole(mailbox))
            return store.FindAddress(mailbox.Key);
        return store.FindOperator() is { } account ? store.FindAddress(account.Address) : null;
    }

    private static (Destination?, SmtpReply?) Refuse(int code, string enhanced, string text) => (null, new SmtpReply(code, enhanced, text));
}
