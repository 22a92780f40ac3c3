using Appliance.Server.Storage;
using Appliance.Server.Storage.Registry;

namespace Appliance.Server.SelfDestruct;

/// <summary>How far time had come when the service last looked.</summary>
[Collection("time", InBackup = false)]
public sealed record TimeRow
{
    public static readonly Collection<TimeRow> All = Collection.Of<TimeRow>(_ => Key.Of("mark"));

    [Stored(Visibility.Clear, Retention.Appliance, "Time never goes back behind this, whatever the clock says.")]
    public required DateTimeOffset Mark { get; init; }
}
