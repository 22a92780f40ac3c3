using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;
using Quartz;

namespace Appliance.Server.SelfDestruct;

public static class SelfDestructFeature
{
    public static IServiceCollection AddSelfDestruct(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SelfDestructOptions>().Bind(configuration.GetSection("SelfDestruct"))
            .Validate(options => options.EverySeconds is >= 1 and <= 60, "SelfDestruct:EverySeconds must lie between 1 and 60.")
            .ValidateOnStart();
        return services
            .AddCollection(TimeRow.All)
            .AddSingleton<IClockSynchronization, KernelClock>()
            .AddSingleton<DestructionClock>()
            .AddSingleton<IExpiryClock>(provider => provider.GetRequiredService<DestructionClock>())
            .AddSingleton<Destroyer>();
    }

    /// <summary>The work itself: once before anything is served, then on a schedule.</summary>
    public static IServiceCollection AddSelfDestructSchedule(this IServiceCollection services, IConfiguration configuration)
    {
        var every = TimeSpan.FromSeconds(configuration.GetSection("SelfDestruct").Get<SelfDestructOptions>()?.EverySeconds ?? 60);
        services.AddHostedService<SelfDestructAtStart>();
        services.AddSingleton<SelfDestructNudge>();
        services.AddQuartz(quartz => quartz.ScheduleJob<SelfDestructJob>(
            trigger => trigger.StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(every).RepeatForever()),
            job => job.WithIdentity(SelfDestructJob.Key)));
        return services.AddQuartzHostedService(quartz => quartz.WaitForJobsToComplete = true);
    }
}
