using Appliance.Server.Storage;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Admin;

public static class AdminFeature
{
    public static IServiceCollection AddAdmin(this IServiceCollection services)
    {
        services.AddOptions<AdminOptions>().BindConfiguration("Web").ValidateOnStart();
        services.AddSingleton<IValidateOptions<AdminOptions>, AdminOptionsValidation>();
        return services.AddCollection(LinkRow.All).AddSingleton<LinkMaker>().AddSingleton<Addressing>().AddSingleton<Activation>().AddSingleton<SetupLinkFile>().AddSingleton<WebOrigin>();
    }
}
