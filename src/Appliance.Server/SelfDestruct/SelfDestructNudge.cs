using Quartz;

namespace Appliance.Server.SelfDestruct;

/// <summary>Lets the job run now instead of within a minute; when it runs already it runs once more.</summary>
internal sealed class SelfDestructNudge(ISchedulerFactory schedulers)
{
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        await scheduler.TriggerJob(SelfDestructJob.Key, cancellationToken);
    }
}
