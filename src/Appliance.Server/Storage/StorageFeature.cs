using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Appliance.Server.Storage;

/// <summary>Registers the store. Features add their collections as <see cref="ICollectionDeclaration"/> services.</summary>
public static class StorageFeature
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StoreOptions>().Bind(configuration.GetSection("Data"))
            .Validate(options => !string.IsNullOrWhiteSpace(options.Path), "Data:Path must name a folder.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StoreHost>();
        services.AddSingleton<IStore>(provider => provider.GetRequiredService<StoreHost>().Store);
        return services;
    }

    public static IServiceCollection AddCollection(this IServiceCollection services, ICollectionDeclaration collection) =>
        services.AddSingleton(collection);
}
