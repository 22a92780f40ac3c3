using Appliance.Server.Storage;

namespace Appliance.Server.Keys;

public static class KeysFeature
{
    public static IServiceCollection AddKeys(this IServiceCollection services) =>
        services.AddCollection(UserKeyRow.All).AddCollection(AddressRow.All).AddCollection(AliasRow.All).AddSingleton<RecipientKeys>();
}
