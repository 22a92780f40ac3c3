using System.Diagnostics.CodeAnalysis;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.Storage;

/// <summary>The one row that says what version of the collections a store holds.</summary>
[Collection("meta", InBackup = false)]
public sealed record SchemaRow
{
    /// <summary>The version this program reads and writes.</summary>
    public const int Current = 3;

    internal static readonly byte[] OnlyKey = Storage.Key.Of("schema");

    internal static readonly Collection<SchemaRow> Rows = Collection.Of<SchemaRow>(_ => OnlyKey);

    [Stored(Visibility.Clear, Retention.Appliance, "Tells which version of the service wrote the store.")]
    public int Version { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "When the store was made.")]
    public DateTimeOffset CreatedAt { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "The last group of the journal that the page files hold.")]
    public ulong Fed { get; init; }

    /// <exception cref="StoreDamagedException">The store is of another version.</exception>
    internal static void Check([NotNull] SchemaRow? row)
    {
        if (row is null)
            throw new StoreDamagedException("The store names no schema version. Restore a backup.");
        if (row.Version != Current)
            throw new StoreDamagedException(
                $"The store has schema version {row.Version}; this version of the service reads 1 to {Current}. Install the version that wrote it.");
    }
}
