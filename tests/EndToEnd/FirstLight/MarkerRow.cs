using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.EndToEnd.FirstLight;

/// <summary>A row that breaks promise 1 on purpose.</summary>
[Server.Storage.Registry.Collection("marker")]
public sealed record MarkerRow
{
    public static readonly Collection<MarkerRow> All = Collection.Of<MarkerRow>(row => Key.Of(row.Id));

    [Stored(Visibility.Clear, Retention.Appliance, "A test looks for it.")]
    public required string Id { get; init; }

    [Stored(Visibility.Clear, Retention.Appliance, "A test looks for it.")]
    public required string Text { get; init; }
}
