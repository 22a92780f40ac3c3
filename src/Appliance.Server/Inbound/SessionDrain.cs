using Microsoft.Extensions.Options;

namespace Appliance.Server.Inbound;

/// <summary>
/// The end of all sessions when the service ends. The ports go on listening meanwhile: who comes now is told to come later (421), an open transaction may come to its end,
/// and what is not done by the deadline is cut off. Its sender has no 250 and tries again.
/// </summary>
internal sealed partial class SessionDrain(IOptions<MxOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SessionDrain> log)
    : IHostedLifecycleService, IDisposable
{
    private readonly Lock _counting = new();
    private readonly CancellationTokenSource _cutOff = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    /// <summary>No further transaction is to begin.</summary>
    public CancellationToken Draining => lifetime.ApplicationStopping;

    /// <summary>The deadline has passed.</summary>
    public CancellationToken CutOff => _cutOff.Token;

    /// <summary>False when no session may begin any more; otherwise call <see cref="Leave"/> when it ends.</summary>
    public bool TryEnter()
    {
        lock (_counting)
        {
            if (Draining.IsCancellationRequested)
                return false;
            _running++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_counting)
        {
            if (--_running == 0 && Draining.IsCancellationRequested)
                _ended.TrySetResult();
        }
    }

    /// <summary>Before the ports stop to listen.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lifetime.StopApplication(); // else it comes after this, and sessions do not know yet
        lock (_counting)
        {
            if (_running == 0)
                return;
        }
        try
        {
            await _ended.Task.WaitAsync(TimeSpan.FromSeconds(options.Value.DrainSeconds), time, cancellationToken);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            LogCutOff(_running);
            await _cutOff.CancelAsync();
        }
    }

    public void Dispose() => _cutOff.Dispose();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What was cut off ends before the store closes.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_counting)
        {
            if (_running == 0)
                return;
        }
        await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} mail sessions were still busy when the service had to end (Mx:DrainSeconds); their senders try again")]
    private partial void LogCutOff(int count);
}
