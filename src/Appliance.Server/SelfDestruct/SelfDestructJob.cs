using Appliance.Server.Storage;
using Quartz;

namespace Appliance.Server.SelfDestruct;

/// <summary>Runs the destroyer. The stored time is the truth and this a nudge: what has expired is hidden however late it comes.</summary>
[DisallowConcurrentExecution]
internal sealed partial class SelfDestructJob(Destroyer destroyer, ILogger<SelfDestructJob> log) : IJob
{
    public static readonly JobKey Key = new("self-destruct");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        try
        {
            await destroyer.RunAsync(cancellationToken);
        }
        catch (Exception failed) when (failed is StoreFailedException or StoreDamagedException)
        {
            LogFailed(failed.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Expired messages are hidden, but could not all be destroyed; the next run goes on: {Reason}")]
    private partial void LogFailed(string reason);
}
