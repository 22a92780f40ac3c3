using Appliance.Contracts;
using Appliance.Crypto.Formats;
using Appliance.Mail.Addresses;
using Appliance.Server.Accounts;
using Appliance.Server.Domains;
using Appliance.Server.Keys;
using Appliance.Server.Storage;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Admin;

/// <summary>Either a value, or a sentence that says what is wrong and what to do.</summary>
public readonly record struct Outcome<T>(T? Value, string? Refusal) where T : class
{
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refused refused) => new(null, refused.Reason);
}

/// <summary>What is wrong and what to do, in one sentence.</summary>
public readonly record struct Refused(string Reason);

/// <summary>Makes set-up and invitation links. A newer set-up link ends the older ones; so does a newer invitation of the same address.</summary>
public sealed class LinkMaker(IStore store, TimeProvider time, IOptions<AdminOptions> options)
{
    /// <summary>How long a link works, and how long mail to an invited address is put off rather than refused.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>A link that makes the operator's account. Without a domain and address the person chooses them in the browser.</summary>
    public async Task<Outcome<LinkResponse>> SetupAsync(string? domain, string? admin, string origin, CancellationToken cancellationToken)
    {
        Mailbox? address = null;
        if (admin is not null)
        {
            if (!Mailbox.TryParse(admin, out var parsed))
                return new Refused($"{admin} is not an e-mail address; write it like ann@example.org.");
            if (!MailDomain.TryParse(domain, out var parsedDomain) || parsedDomain.Literal is not null)
                return new Refused($"{domain} is not a domain; write it like example.org.");
            if (parsed.Domain != parsedDomain)
                return new Refused($"{admin} is not in {domain}; the operator's address must be in the domain that is set up.");
            address = parsed;
        }
        if (store.AnyDomain())
            return new Refused("This appliance is set up already. Invite more people with: appliance user invite ADDRESS");

        var (token, hash) = SecretToken.New();
        var link = NewLink(LinkKind.Setup, hash) with { Domain = address?.Domain.Ascii, Address = address?.Key };
        await store.WriteAsync(
            transaction =>
            {
                DropLinks(transaction, LinkKind.Setup, _ => true);
                transaction.Put(LinkRow.All, link);
                return true;
            },
            cancellationToken);
        return Describe(token, link, origin);
    }

    /// <summary>A link that makes a member's account; from now on the address is known, and its mail put off until the link is used.</summary>
    public async Task<Outcome<LinkResponse>> InviteAsync(string text, string origin, CancellationToken cancellationToken)
    {
        if (!Mailbox.TryParse(text, out var address))
            return new Refused($"{text} is not an e-mail address; write it like ann@example.org.");
        if (RoleAddresses.IsRole(address))
            return new Refused($"{text} is a role address: its mail reaches the operator. Choose another one.");

        var (token, hash) = SecretToken.New();
        return await store.WriteAsync<Outcome<LinkResponse>>(
            transaction =>
            {
                if (transaction.FindDomain(address.Domain.Ascii) is not { } domain)
                    return new Refused($"{address.Domain} is not a domain of this appliance. Add it first: appliance domain add {address.Domain}");
                if (domain.AliasOf is { } main)
                    return new Refused($"{address.Domain} is another name of {main}; invite the address there, and it has both.");
                if (transaction.FindAlias(address.Key) is not null)
                    return new Refused($"{text} is an alias. Remove it first: appliance alias remove {text}");
                var known = transaction.FindAddress(address.Key);
                if (known is { Keys.Count: > 0 })
                    return new Refused($"{text} has a member already.");
                var link = NewLink(LinkKind.Invitation, hash) with { Address = address.Key };
                DropLinks(transaction, LinkKind.Invitation, other => other.Address == address.Key);
                transaction.Put(LinkRow.All, link);
                transaction.Put(AddressRow.All, new AddressRow
                {
                    Address = address.Key,
                    MailboxId = link.MailboxId,
                    InvitedUntil = link.ExpiresAt,
                });
                return Describe(token, link, origin);
            },
            cancellationToken);
    }

    /// <summary>Where links point to: <c>Web:PublicUrl</c>, or the address the web server listens on.</summary>
    public string Origin(string listening) => options.Value.PublicUrl is { Length: > 0 } configured ? configured.TrimEnd('/') : listening;

    private LinkRow NewLink(LinkKind kind, byte[] hash) => new()
    {
        TokenHash = hash,
        Kind = kind,
        AccountId = new AccountId(ObjectId.New()),
        MailboxId = new MailboxId(ObjectId.New()),
        ExpiresAt = time.GetUtcNow() + Lifetime,
    };

    private static void DropLinks(IStoreTransaction transaction, LinkKind kind, Func<LinkRow, bool> which)
    {
        foreach (var old in transaction.Range(LinkRow.All, [(byte)kind], [(byte)kind], limit: 1000, index: "kind").Where(which))
            transaction.Delete(LinkRow.All, old.TokenHash);
    }

    private static LinkResponse Describe(string token, LinkRow link, string origin) => new($"{origin}/activate#{token}", link.ExpiresAt);
}
