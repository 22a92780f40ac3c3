using Appliance.Server.Storage;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Accounts;

public static class AccountsFeature
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddOptions<SignInOptions>().BindConfiguration("SignIn").ValidateOnStart();
        services.AddSingleton<IValidateOptions<SignInOptions>, SignInOptionsBounds>();
        services.AddCollection(AccountRow.All).AddCollection(SlotRow.All).AddCollection(SessionRow.All).AddCollection(ServerSecretRow.All);
        services.AddSingleton<KeyedHashes>().AddSingleton<Sessions>().AddSingleton<SignIns>().AddSingleton<SignInLimits>().AddSingleton<KnownNetworks>();
        // The core alone: AddAuthentication would bring Data Protection, which writes its keys in clear outside the data folder.
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = SessionAuthentication.SchemeName;
            options.AddScheme<SessionAuthentication>(SessionAuthentication.SchemeName, displayName: null);
        });
        return services.AddTransient<SessionAuthentication>().AddWebEncoders().AddAuthorization();
    }
}
