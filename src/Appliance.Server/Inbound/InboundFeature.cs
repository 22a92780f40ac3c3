using Appliance.Mail.Dns;
using Appliance.Mail.Smtp;
using Appliance.Server.Certificates;
using Appliance.Server.Inbound.Filters;
using Appliance.Server.Inbound.OldHosts;
using Appliance.Server.Inbound.Refusals;
using Appliance.Server.Inbound.Senders;
using Appliance.Server.Inbound.Traces;
using Appliance.Server.Storage;
using Microsoft.Extensions.Options;
using Quartz;

namespace Appliance.Server.Inbound;

/// <summary>What is spoken at a listener for mail.</summary>
internal enum MailProtocol
{
    Smtp,
    Lmtp,
}

public static class InboundFeature
{
    public static IServiceCollection AddInbound(this IServiceCollection services)
    {
        services.AddOptions<MxOptions>().BindConfiguration("Mx").ValidateOnStart();
        services.AddOptions<MailAuthOptions>().BindConfiguration("MailAuth").ValidateOnStart();
        services.AddOptions<SenderOptions>().BindConfiguration("Senders").ValidateOnStart();
        services.AddOptions<FilterOptions>().BindConfiguration("Filters").ValidateOnStart();
        services.AddOptions<DnsServers>().BindConfiguration("Dns").ValidateOnStart();
        // The web and the store need some time after the sessions have had theirs.
        services.AddOptions<HostOptions>().Configure<IOptions<MxOptions>>((host, mx) => host.ShutdownTimeout = TimeSpan.FromSeconds(mx.Value.DrainSeconds + 30));
        return services
            .AddCollection(SenderHistoryRow.All)
            .AddCollection(TraceRow.All)
            .AddSingleton<IValidateOptions<FilterOptions>, FilterOptionsBounds>()
            .AddSingleton<IValidateOptions<FilterOptions>, FilterOptionsValidation>()
            .AddSingleton<IValidateOptions<SenderOptions>, SenderOptionsBounds>()
            .AddSingleton<IValidateOptions<SenderOptions>, SenderOptionsValidation>()
            .AddSingleton<IValidateOptions<MxOptions>, MxOptionsBounds>()
            .AddSingleton<IValidateOptions<MxOptions>, MxOptionsValidation>()
            .AddSingleton<IValidateOptions<MailAuthOptions>, MailAuthOptionsBounds>()
            .AddSingleton<IValidateOptions<MailAuthOptions>, MailAuthOptionsValidation>()
            .AddSingleton<IValidateOptions<DnsServers>, DnsServersBounds>()
            .AddSingleton<IValidateOptions<DnsServers>, DnsServersValidation>()
            .AddSingleton<IDnsResolver>(provider => new DnsResolver(
                provider.GetRequiredService<IOptions<DnsServers>>().Value.ToOptions(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<OriginalClients>()
            .AddSingleton<ClientReputations>()
            .AddSingleton<SenderHistories>()
            .AddSingleton<MailTraces>()
            .AddSingleton<RefusalNotices>()
            .AddSingleton<RspamdFilter>()
            .AddSingleton<ClamdFilter>()
            .AddSingleton<ContentFilters>()
            .AddSingleton<ArrivalChecks>()
            .AddSingleton(BuildBudget)
            .AddSingleton<Recipients>()
            .AddSingleton<UnknownRecipients>()
            .AddSingleton<ReceiveRates>()
            .AddSingleton<ClientLimits>()
            .AddSingleton<MxCounters>()
            .AddSingleton<ArrivalSealing>()
            .AddSingleton<OldHostRelay>()
            .AddSingleton<SessionDrain>()
            .AddSingleton<MxMailDrop>()
            .AddKeyedSingleton(MailProtocol.Smtp, (provider, _) => ActivatorUtilities.CreateInstance<MailConnectionHandler>(provider, BuildServer(provider, isLmtp: false)))
            .AddKeyedSingleton(MailProtocol.Lmtp, (provider, _) => ActivatorUtilities.CreateInstance<MailConnectionHandler>(provider, BuildServer(provider, isLmtp: true)));
    }

    /// <summary>What is remembered is written behind, and forgotten in time.</summary>
    public static IServiceCollection AddInboundSchedule(this IServiceCollection services) => services
        .AddHostedService(provider => provider.GetRequiredService<MailTraces>())
        .AddHostedService(provider => provider.GetRequiredService<RefusalNotices>())
        .AddQuartz(quartz => quartz.ScheduleJob<ForgetJob>(
        trigger => trigger.StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromHours(1)).RepeatForever()),
        job => job.WithIdentity(ForgetJob.Key)));

    private static MessageBudget BuildBudget(IServiceProvider services)
    {
        var (asked, time) = (services.GetRequiredService<IOptions<MxOptions>>().Value.BudgetBytes, services.GetRequiredService<TimeProvider>());
        return asked > 0 ? new MessageBudget(asked, time) : MessageBudget.QuarterOfMemory(time);
    }

    private static SmtpServer BuildServer(IServiceProvider services, bool isLmtp)
    {
        var options = services.GetRequiredService<IOptions<MxOptions>>().Value;
        return new SmtpServer(
            new SmtpOptions
            {
                HostName = options.EffectiveHostName,
                IsLmtp = isLmtp,
                MaxMessageBytes = options.MaxMessageBytes,
                MaxRecipients = options.MaxRecipients,
                MaxTransactions = options.MaxMessagesPerSession,
                MaxCommands = options.MaxCommands,
                GreetingDelay = TimeSpan.FromMilliseconds(options.GreetingDelayMilliseconds),
                IdleTimeout = TimeSpan.FromSeconds(options.IdleSeconds),
                TotalTimeout = TimeSpan.FromSeconds(options.SessionSeconds),
            },
            services.GetRequiredService<MessageBudget>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<TlsCertificates>().For);
    }
}
