namespace Appliance.Server.Storage;

/// <summary>Section <c>Data</c> of the configuration.</summary>
public sealed class StoreOptions
{
    /// <summary>The one folder all data lives under.</summary>
    public string Path { get; set; } = "data";
}
