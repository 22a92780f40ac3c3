namespace Appliance.Server.Storage;

/// <summary>Section <c>Data</c> of the configuration.</summary>
public sealed class StoreOptions
{
    /// <summary>The one folder all data lives under.</summary>
    public string Path { get; set; } = "data";

    /// <summary>With less than this free on the disk, mail is refused until there is room again (452).</summary>
    public long ReserveMegabytes { get; set; } = 256;
}
