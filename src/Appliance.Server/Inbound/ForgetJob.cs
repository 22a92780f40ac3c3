using Appliance.Server.Inbound.Refusals;
using Appliance.Server.Inbound.Senders;
using Appliance.Server.Inbound.Traces;
using Appliance.Server.Storage;
using Quartz;

namespace Appliance.Server.Inbound;

/// <summary>Forgets senders, traces and refusals whose time is over.</summary>
[DisallowConcurrentExecution]
internal sealed partial class ForgetJob(SenderHistories histories, MailTraces traces, RefusalNotices refusals, ILogger<ForgetJob> log) : IJob
{
    private const int AtOnce = 500;

    public static readonly JobKey Key = new("forget");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var forget in new Func<int, CancellationToken, Task<int>>[] { histories.ForgetAsync, traces.ForgetAsync, refusals.ForgetAsync })
                while (await forget(AtOnce, cancellationToken) == AtOnce)
                {
                }
        }
        catch (Exception failed) when (failed is StoreFailedException or StoreDamagedException)
        {
            LogFailed(failed.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What was remembered of senders and their mail could not all be forgotten in time; the next run goes on: {Reason}")]
    private partial void LogFailed(string reason);
}
