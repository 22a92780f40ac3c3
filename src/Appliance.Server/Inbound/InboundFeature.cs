using Appliance.Mail.Smtp;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

public static class InboundFeature
{
    public static IServiceCollection AddInbound(this IServiceCollection services)
    {
        services.AddOptions<MxOptions>().BindConfiguration("Mx").ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton(provider => provider.GetRequiredService<IOptions<MxOptions>>().Value.BudgetBytes is > 0 and var bytes
                ? new MessageBudget(bytes)
                : MessageBudget.QuarterOfMemory())
            .AddSingleton<Recipients>()
            .AddSingleton<ArrivalSealing>()
            .AddSingleton<MxMailDrop>()
            .AddSingleton<MxConnectionHandler>();
    }
}
