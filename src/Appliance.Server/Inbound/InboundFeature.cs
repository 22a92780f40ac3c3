using System.Net.Security;
using Appliance.Mail.Smtp;
using Appliance.Server.Certificates;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

public static class InboundFeature
{
    public static IServiceCollection AddInbound(this IServiceCollection services)
    {
        services.AddOptions<MxOptions>().BindConfiguration("Mx").ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton(BuildSmtp)
            .AddSingleton<Recipients>()
            .AddSingleton<ArrivalSealing>()
            .AddSingleton<MxMailDrop>()
            .AddSingleton<MxConnectionHandler>();
    }

    private static SmtpServer BuildSmtp(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<MxOptions>>().Value;
        var certificate = SslStreamCertificateContext.Create(
            services.GetRequiredService<ServerCertificate>().Current, additionalCertificates: null, offline: true);
        return new SmtpServer(
            new SmtpOptions
            {
                HostName = options.EffectiveHostName,
                MaxMessageBytes = options.MaxMessageBytes,
                MaxRecipients = options.MaxRecipients,
                MaxCommands = options.MaxCommands,
                IdleTimeout = TimeSpan.FromSeconds(options.IdleSeconds),
                TotalTimeout = TimeSpan.FromSeconds(options.SessionSeconds),
            },
            options.BudgetBytes > 0 ? new MessageBudget(options.BudgetBytes) : MessageBudget.QuarterOfMemory(),
            services.GetRequiredService<TimeProvider>(),
            () => new SslServerAuthenticationOptions { ServerCertificateContext = certificate });
    }
}
