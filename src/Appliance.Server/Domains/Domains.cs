using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Domains;

/// <summary>A domain this appliance receives mail for.</summary>
[Collection("domain")]
public sealed record DomainRow
{
    public static readonly Collection<DomainRow> All = Collection.Of<DomainRow>(row => Key.Of(row.Name));

    [Stored(Visibility.Clear, Retention.Appliance, "Mail for this domain is accepted here.")]
    public required string Name { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "When the domain was added.")]
    public required DateTimeOffset AddedAt { get; init; }
}

/// <summary>Which domains are hosted. Names are lower-case A-labels (RFC 5890 §2.3.2.1).</summary>
public static class HostedDomains
{
    public static bool IsHosted(this IStoreReader store, string domain) => store.Get(DomainRow.All, Key.Of(domain)) is not null;

    /// <summary>Any hosted domain at all: before the first one the appliance waits for its set-up.</summary>
    public static bool AnyDomain(this IStoreReader store) => store.Range(DomainRow.All, [], Key.Last, limit: 1).Count > 0;
}
