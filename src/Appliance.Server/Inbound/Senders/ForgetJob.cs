using Appliance.Server.Storage;
using Quartz;

namespace Appliance.Server.Inbound.Senders;

/// <summary>Forgets senders whose time is over.</summary>
[DisallowConcurrentExecution]
internal sealed partial class ForgetJob(SenderHistories histories, ILogger<ForgetJob> log) : IJob
{
    private const int AtOnce = 500;

    public static readonly JobKey Key = new("forget");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        try
        {
            while (await histories.ForgetAsync(AtOnce, cancellationToken) == AtOnce)
            {
            }
        }
        catch (Exception failed) when (failed is StoreFailedException or StoreDamagedException)
        {
            LogFailed(failed.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Senders whose time is over could not all be forgotten; the next run goes on: {Reason}")]
    private partial void LogFailed(string reason);
}
