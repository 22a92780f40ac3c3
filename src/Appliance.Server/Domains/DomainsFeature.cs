using Appliance.Server.Storage;

namespace Appliance.Server.Domains;

public static class DomainsFeature
{
    public static IServiceCollection AddDomains(this IServiceCollection services) => services.AddCollection(DomainRow.All);
}
