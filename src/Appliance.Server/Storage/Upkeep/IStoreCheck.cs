namespace Appliance.Server.Storage.Upkeep;

/// <summary>
/// What a feature's collections say of each other, checked by <c>store verify</c> while the service runs. Declared beside the
/// collections and registered as a service.
/// </summary>
public interface IStoreCheck
{
    Task RunAsync(StoreInspection inspection, CancellationToken cancellationToken);
}
