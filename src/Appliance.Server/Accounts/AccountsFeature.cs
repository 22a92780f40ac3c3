using Appliance.Server.Storage;
using Microsoft.AspNetCore.Authentication;

namespace Appliance.Server.Accounts;

public static class AccountsFeature
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddOptions<SignInOptions>().BindConfiguration("SignIn").ValidateDataAnnotations().ValidateOnStart();
        services.AddCollection(AccountRow.All).AddCollection(SlotRow.All).AddCollection(SessionRow.All).AddCollection(ServerSecretRow.All);
        services.AddSingleton<Sessions>().AddSingleton<SignIns>().AddSingleton<SignInLimits>();
        services.AddAuthentication(SessionAuthentication.Scheme)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.Scheme, configureOptions: null);
        return services.AddAuthorization();
    }
}
