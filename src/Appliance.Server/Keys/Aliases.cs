using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Keys;

/// <summary>An address without a mailbox of its own: its mail goes to members', one copy each. Aliases do not lead to aliases.</summary>
[Collection("alias")]
public sealed record AliasRow
{
    public static readonly Collection<AliasRow> All = Collection.Of<AliasRow>(row => Key.Of(row.Address));

    [Stored(Visibility.Clear, Retention.Appliance, "Mail for it is accepted; normalised, local@domain.")]
    public required string Address { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "The members' addresses that get it.")]
    public required IReadOnlyList<string> Targets { get; init; }
}

public static class AliasStore
{
    public static AliasRow? FindAlias(this IStoreReader store, string address) => store.Get(AliasRow.All, Key.Of(address));
}
