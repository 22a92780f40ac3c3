namespace Appliance.Server.Keys;

public static class KeysFeature
{
    public static IServiceCollection AddKeys(this IServiceCollection services) => services.AddSingleton<RecipientKeys>();
}
