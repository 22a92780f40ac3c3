using Appliance.Server.Storage;

namespace Appliance.Server.Admin;

public static class AdminFeature
{
    public static IServiceCollection AddAdmin(this IServiceCollection services)
    {
        services.AddOptions<AdminOptions>().BindConfiguration("Web").ValidateOnStart();
        return services.AddCollection(LinkRow.All).AddSingleton<LinkMaker>().AddSingleton<Addressing>().AddSingleton<Activation>().AddSingleton<SetupLinkFile>().AddSingleton<WebOrigin>();
    }
}
