using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Server.Accounts;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Mailboxes;

/// <summary>What a member wants done with a sender's mail.</summary>
public enum SenderAction
{
    /// <summary>To the inbox, unless its author's domain disowns it.</summary>
    Allow = 1,

    /// <summary>Refused; filed to Junk where the message also has recipients who did not block its sender.</summary>
    Block = 2,
}

/// <summary>A sender a member has allowed or blocked: found by a keyed hash, shown from a text that only the member can open.</summary>
[Collection("senderRule")]
public sealed record SenderRuleRow
{
    public static readonly Collection<SenderRuleRow> All = Collection.Of<SenderRuleRow>(row => Key.Of(row.MailboxId.Value, row.Sender)).Cached();

    [Stored(Visibility.Clear, Retention.Account, "Whose rule it is.")]
    public required MailboxId MailboxId { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Keyed hash of the sender's address or domain, another one in each mailbox.")]
    public required ObjectId Sender { get; init; }

    [Stored(Visibility.Clear, Retention.Account, "Allowed or blocked.")]
    public required SenderAction Action { get; init; }

    [Stored(Visibility.Sealed, Retention.Account, "The address or domain, for the member to read.")]
    public required byte[] Text { get; init; }
}

/// <summary>Members' lists of senders. No correspondent is stored in clear.</summary>
public sealed class SenderRules(IStore store, KeyedHashes hashes)
{
    /// <summary>Of one mailbox.</summary>
    public const int Most = 5_000;

    private const int PageSize = 1_000;

    /// <summary>What a rule may be about: an address as it is compared, or a domain; null for anything else.</summary>
    public static string? Normalise(string written) =>
        Mailbox.TryParse(written, out var address) ? address.Key
        : MailDomain.TryParse(written.TrimStart('@'), out var domain) && domain.Literal is null ? domain.Ascii
        : null;

    /// <summary>The member's word on a message. A word on an address counts for more than one on its domain, a block for more than leave; leave is for a single author, not for a return path.</summary>
    public async ValueTask<SenderAction?> FindAsync(MailboxId mailbox, IReadOnlyList<Mailbox> authors, Mailbox? returnPath, CancellationToken cancellationToken)
    {
        if (store.Get(MailboxRow.All, Key.Of(mailbox.Value))?.HasSenderRules != true)
            return null;
        SenderAction? found = null;
        foreach (var author in authors)
        {
            found = await FindAsync(mailbox, author, cancellationToken);
            if (found == SenderAction.Block)
                return found;
        }
        return returnPath is not null && await FindAsync(mailbox, returnPath, cancellationToken) == SenderAction.Block ? SenderAction.Block
            : authors.Count == 1 ? found
            : null;
    }

    private async ValueTask<SenderAction?> FindAsync(MailboxId mailbox, Mailbox sender, CancellationToken cancellationToken) =>
        await FindAsync(mailbox, sender.Key, cancellationToken) ?? await FindAsync(mailbox, sender.Domain.Ascii, cancellationToken);

    public IReadOnlyList<SenderRuleRow> List(MailboxId mailbox)
    {
        var rules = new List<SenderRuleRow>();
        var from = Key.Of(mailbox.Value);
        while (true)
        {
            var page = store.Range(SenderRuleRow.All, from, Key.LastOf(mailbox.Value), PageSize);
            rules.AddRange(page);
            if (page.Count < PageSize)
                return rules;
            from = Key.After(SenderRuleRow.All.Key(page[^1]));
        }
    }

    /// <param name="sender">As <see cref="Normalise"/> has it.</param>
    /// <param name="action">Null: there is to be no rule.</param>
    public async Task<MailboxChange> SetAsync(MailboxId mailbox, string sender, SenderAction? action, byte[] text, CancellationToken cancellationToken)
    {
        var hash = await HashAsync(mailbox, sender, cancellationToken);
        return await store.WriteAsync(
            transaction =>
            {
                if (action is { } wanted)
                    transaction.Put(SenderRuleRow.All, new SenderRuleRow { MailboxId = mailbox, Sender = hash, Action = wanted, Text = text });
                else
                    transaction.Delete(SenderRuleRow.All, Key.Of(mailbox.Value, hash));
                var touched = transaction.Touch(mailbox);
                if (!touched.HasSenderRules)
                    transaction.Put(MailboxRow.All, touched with { HasSenderRules = true });
                return new MailboxChange(mailbox, touched.HighestModSeq);
            },
            cancellationToken);
    }

    private async ValueTask<SenderAction?> FindAsync(MailboxId mailbox, string sender, CancellationToken cancellationToken) =>
        store.Get(SenderRuleRow.All, Key.Of(mailbox.Value, await HashAsync(mailbox, sender, cancellationToken)))?.Action;

    private ValueTask<ObjectId> HashAsync(MailboxId mailbox, string sender, CancellationToken cancellationToken) => hashes.OfAsync("sender-rule", $"{mailbox} {sender}", cancellationToken);
}
