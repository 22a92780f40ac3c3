using Appliance.Server.Storage;

namespace Appliance.Server.SelfDestruct;

/// <summary>Destroys what expired while the service was down, before anything is served.</summary>
internal sealed partial class SelfDestructAtStart(Destroyer destroyer, ILogger<SelfDestructAtStart> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await destroyer.RunAsync(cancellationToken);
        }
        catch (Exception failed) when (failed is StoreFailedException or StoreDamagedException)
        {
            LogFailed(failed.Message); // a full disk or a bad page keeps nobody from reading the rest; what has expired is hidden
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Error, Message = "What expired is hidden, but could not all be destroyed at start; it is tried again in a minute: {Reason}")]
    private partial void LogFailed(string reason);
}
