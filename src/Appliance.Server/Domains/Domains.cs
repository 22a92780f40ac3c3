using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Domains;

/// <summary>A domain this appliance receives mail for.</summary>
[Collection("domain")]
public sealed record DomainRow
{
    public static readonly Collection<DomainRow> All = Collection.Of<DomainRow>(row => Key.Of(row.Name)).Cached();

    [Stored(Visibility.Clear, Retention.Appliance, "Mail for this domain is accepted here.")]
    public required string Name { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "When the domain was added.")]
    public required DateTimeOffset AddedAt { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "Another name of that domain: each of its addresses is the other's.")]
    public string? AliasOf { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "The address that gets mail to addresses of the domain which nobody has.")]
    public string? CatchAll { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "The mail server the domain is moving away from, HOST or HOST:PORT: it gets mail to addresses of the domain which nobody has here.")]
    public string? OldHost { get; init; }
}

/// <summary>Which domains are hosted. Names are lower-case A-labels (RFC 5890 §2.3.2.1).</summary>
public static class HostedDomains
{
    public static bool IsHosted(this IStoreReader store, string domain) => store.FindDomain(domain) is not null;

    public static DomainRow? FindDomain(this IStoreReader store, string domain) => store.Get(DomainRow.All, Key.Of(domain));

    /// <summary>The domain that has the addresses: itself, or the one it is another name of. Null: not hosted.</summary>
    public static DomainRow? FindMainDomain(this IStoreReader store, string domain) =>
        store.FindDomain(domain) is { AliasOf: { } other } ? store.FindDomain(other) : store.FindDomain(domain);

    /// <summary>Any hosted domain at all: before the first one the appliance waits for its set-up.</summary>
    public static bool AnyDomain(this IStoreReader store) => store.Range(DomainRow.All, [], Key.Last, limit: 1).Count > 0;
}
