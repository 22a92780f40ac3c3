using System.Diagnostics.CodeAnalysis;
using Appliance.Server.Storage;

namespace Appliance.Server.Inbound;

/// <summary>Writes what waits every so often, and all of it when the service stops. What is lost with the process, or by a disk that takes nothing, is lost.</summary>
internal abstract class WriteBehind(TimeSpan every, TimeProvider time) : BackgroundService
{
    private readonly SemaphoreSlim _writing = new(1);

    protected TimeProvider Time { get; } = time;

    /// <summary>Writes all that waits by now; returns once that is done.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "What one batch fails of does not end the service.")]
    public async Task WriteWaitingAsync()
    {
        await _writing.WaitAsync(CancellationToken.None);
        try
        {
            await WriteAsync();
        }
        catch (Exception failed)
        {
            // Another's message may quote the mail.
            Failed(failed is StoreFailedException or StoreDamagedException ? failed.Message : failed.GetType().Name);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteWaitingAsync();
    }

    public override void Dispose()
    {
        _writing.Dispose();
        base.Dispose();
    }

    protected abstract Task WriteAsync();

    protected abstract void Failed(string reason);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await WriteWaitingAsync();
        }
        catch (OperationCanceledException)
        {
            // What waits is written as the service stops.
        }
    }
}
