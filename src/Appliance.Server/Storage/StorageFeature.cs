using Appliance.Server.Storage.Upkeep;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Appliance.Server.Storage;

/// <summary>Registers the store. Features add their collections as <see cref="ICollectionDeclaration"/> services.</summary>
public static class StorageFeature
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StoreOptions>().Bind(configuration.GetSection("Data"))
            .Validate(options => !string.IsNullOrWhiteSpace(options.Path), "Data:Path must name a folder.")
            .Validate(options => options.ReserveMegabytes is >= 0 and <= 1 << 20, "Data:ReserveMegabytes must lie between 0 and 1048576.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StoreHost>().AddSingleton<StoreVerifier>().AddSingleton<StoreRewriter>();
        services.AddSingleton<IStore>(provider => provider.GetRequiredService<StoreHost>().Store);
        return services;
    }

    public static IServiceCollection AddCollection(this IServiceCollection services, ICollectionDeclaration collection) =>
        services.AddSingleton(collection);
}
