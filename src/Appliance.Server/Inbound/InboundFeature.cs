using System.Net.Security;
using Appliance.Mail.Dns;
using Appliance.Mail.Smtp;
using Appliance.Server.Certificates;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

public static class InboundFeature
{
    public static IServiceCollection AddInbound(this IServiceCollection services)
    {
        services.AddOptions<MxOptions>().BindConfiguration("Mx").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<MailAuthOptions>().BindConfiguration("MailAuth").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DnsServers>().BindConfiguration("Dns").ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<MailAuthOptions>, MailAuthOptionsValidation>()
            .AddSingleton<IValidateOptions<DnsServers>, DnsServersValidation>()
            .AddSingleton<IDnsResolver>(provider => new DnsResolver(
                provider.GetRequiredService<IOptions<DnsServers>>().Value.ToOptions(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<ArrivalChecks>()
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
