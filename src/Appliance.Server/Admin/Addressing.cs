using Appliance.Contracts;
using Appliance.Mail.Addresses;
using Appliance.Server.Domains;
using Appliance.Server.Keys;
using Appliance.Server.Storage;

namespace Appliance.Server.Admin;

/// <summary>Domains and aliases as the operator sets them: what leads to nobody, or in circles, is refused.</summary>
public sealed class Addressing(IStore store, TimeProvider time)
{
    private const int PageSize = 1000;
    private const int MostTargets = 100;

    /// <summary>Adds a domain, or sets what one that is there is to be.</summary>
    public async Task<Outcome<DomainResponse>> SetDomainAsync(DomainRequest request, CancellationToken cancellationToken)
    {
        if (!MailDomain.TryParse(request.Domain, out var domain) || domain.Literal is not null)
            return new Refused($"{request.Domain} is not a domain; write it like example.org.");
        MailDomain? aliasOf = null;
        if (request.AliasOf is { } other && (!MailDomain.TryParse(other, out aliasOf) || aliasOf.Literal is not null))
            return new Refused($"{other} is not a domain; write it like example.org.");
        Mailbox? catchAll = null;
        if (request.CatchAll is { } address && !Mailbox.TryParse(address, out catchAll))
            return new Refused($"{address} is not an e-mail address; write it like ann@example.org.");
        if (aliasOf is not null && catchAll is not null)
            return new Refused($"{domain} is to be another name of {aliasOf}; set the catch-all there.");
        OldHost? oldHost = null;
        if (request.OldHost is { } host && !OldHost.TryParse(host, out oldHost))
            return new Refused($"{host} is not a mail server; write it like mail.example.org, mail.example.org:2525 or [2001:db8::25].");
        if (oldHost is not null && aliasOf is not null)
            return new Refused($"{domain} is to be another name of {aliasOf}; set the old host there.");
        if (oldHost is not null && catchAll is not null)
            return new Refused("What nobody has goes to the catch-all or to the old host, not to both; set the catch-all when the move is over.");

        return await store.WriteAsync<Outcome<DomainResponse>>(
            transaction =>
            {
                if (!transaction.AnyDomain())
                    return new Refused("This appliance is not set up yet. Begin with: appliance setup --domain DOMAIN --admin ADDRESS");
                if (aliasOf is not null && WhyNotAlias(transaction, domain, aliasOf) is { } wrong)
                    return new Refused(wrong);
                if (catchAll is not null && transaction.FindAddress(catchAll.Key) is not { Keys.Count: > 0 })
                    return new Refused($"{catchAll} is no member's address. Invite them first: appliance user invite {catchAll}");
                var before = transaction.FindDomain(domain.Ascii);
                var row = new DomainRow { Name = domain.Ascii, AddedAt = before?.AddedAt ?? time.GetUtcNow(), AliasOf = aliasOf?.Ascii, CatchAll = catchAll?.Key, OldHost = oldHost?.ToString() };
                transaction.Put(DomainRow.All, row);
                return ToResponse(row);
            },
            cancellationToken);
    }

    public static IReadOnlyList<DomainResponse> ListDomains(IStoreReader store) => [.. store.Range(DomainRow.All, [], Key.Last, PageSize).Select(ToResponse)];

    /// <summary>Sets where an alias leads; nowhere: removes it.</summary>
    public async Task<Outcome<AliasResponse>> SetAliasAsync(AliasRequest request, CancellationToken cancellationToken)
    {
        if (!Mailbox.TryParse(request.Address, out var alias))
            return new Refused($"{request.Address} is not an e-mail address; write it like info@example.org.");
        if (RoleAddresses.IsRole(alias))
            return new Refused($"{alias} is a role address: its mail reaches the operator, and that cannot be changed.");
        if (request.Targets.Count > MostTargets)
            return new Refused($"An alias leads to at most {MostTargets} addresses.");
        var targets = new List<Mailbox>();
        foreach (var written in request.Targets)
        {
            if (!Mailbox.TryParse(written, out var target))
                return new Refused($"{written} is not an e-mail address; write it like ann@example.org.");
            targets.Add(target);
        }
        return await store.WriteAsync<Outcome<AliasResponse>>(
            transaction =>
            {
                var row = new AliasRow { Address = alias.Key, Targets = [.. targets.Select(target => target.Key).Distinct()] };
                if (targets.Count == 0)
                {
                    if (transaction.FindAlias(alias.Key) is null)
                        return new Refused($"There is no alias {alias}. See: appliance alias list");
                    transaction.Delete(AliasRow.All, Key.Of(alias.Key));
                    return new AliasResponse(row.Address, row.Targets);
                }
                if (transaction.FindDomain(alias.Domain.Ascii) is not { } domain)
                    return new Refused($"{alias.Domain} is not a domain of this appliance. Add it first: appliance domain add {alias.Domain}");
                if (domain.AliasOf is { } main)
                    return new Refused($"{alias.Domain} is another name of {main}; add the alias there.");
                if (transaction.FindAddress(alias.Key) is not null)
                    return new Refused($"{alias} is a member's address already, or one that was invited.");
                if (targets.Find(target => transaction.FindAddress(target.Key) is null) is { } nobody)
                    return new Refused($"{nobody} is no member's address, so nobody would get its mail. See: appliance user list");
                transaction.Put(AliasRow.All, row);
                return new AliasResponse(row.Address, row.Targets);
            },
            cancellationToken);
    }

    public static IReadOnlyList<AliasResponse> ListAliases(IStoreReader store)
    {
        var aliases = new List<AliasResponse>();
        byte[] from = [];
        while (true)
        {
            var page = store.Range(AliasRow.All, from, Key.Last, PageSize);
            aliases.AddRange(page.Select(row => new AliasResponse(row.Address, row.Targets)));
            if (page.Count < PageSize)
                return aliases;
            from = Key.After(Key.Of(page[^1].Address));
        }
    }

    private static string? WhyNotAlias(IStoreTransaction transaction, MailDomain domain, MailDomain aliasOf)
    {
        if (domain == aliasOf)
            return $"{domain} cannot be another name of itself.";
        if (transaction.FindDomain(aliasOf.Ascii) is not { } main)
            return $"{aliasOf} is not a domain of this appliance. Add it first: appliance domain add {aliasOf}";
        if (main.AliasOf is { } further)
            return $"{aliasOf} is another name of {further} itself; name that.";
        if (transaction.Range(DomainRow.All, [], Key.Last, PageSize).FirstOrDefault(row => row.AliasOf == domain.Ascii) is { } dependent)
            return $"{dependent.Name} is another name of {domain}, which therefore cannot be one.";
        return AnyAddressIn(transaction, domain.Ascii) ? $"{domain} has addresses of its own, which would get no mail any more." : null;
    }

    /// <summary>Addresses are ordered by local part, so all are looked at; this is asked by hand and seldom.</summary>
    private static bool AnyAddressIn(IStoreTransaction transaction, string domain)
    {
        byte[] from = [];
        while (true)
        {
            var page = transaction.Range(AddressRow.All, from, Key.Last, PageSize);
            if (page.Any(row => row.Address.EndsWith("@" + domain, StringComparison.Ordinal)))
                return true;
            if (page.Count < PageSize)
                return ListAliases(transaction).Any(alias => alias.Address.EndsWith("@" + domain, StringComparison.Ordinal));
            from = Key.After(Key.Of(page[^1].Address));
        }
    }

    private static DomainResponse ToResponse(DomainRow row) => new(row.Name, row.AliasOf, row.CatchAll, row.OldHost, row.AddedAt);
}
