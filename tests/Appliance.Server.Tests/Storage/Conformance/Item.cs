using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;
using CollectionAttribute = Appliance.Server.Storage.Registry.CollectionAttribute;

namespace Appliance.Server.Tests.Storage.Conformance;

/// <summary>A row whose key and indexed value are any bytes.</summary>
[Collection("items")]
public sealed record Item
{
    public static readonly Collection<Item> All = Collection.Of<Item>(item => item.Key)
        .Index("value", item => item.Value)
        .Index("size", item => [(byte)item.Content.Length]);

    [Stored(Visibility.Clear, Retention.Appliance, "Names the item.")]
    public required byte[] Key { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "Finds it.")]
    public byte[]? Value { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "Fills it.")]
    public byte[] Content { get; init; } = [];
}
