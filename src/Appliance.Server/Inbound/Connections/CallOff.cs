namespace Appliance.Server.Inbound.Connections;

/// <summary>Lets any thread call off what a session waits for, or the next thing when it waits for nothing.</summary>
internal sealed class CallOff
{
    private readonly Lock _gate = new();
    private volatile bool _isAsked;
    private CancellationTokenSource? _wait;

    public void Ask()
    {
        lock (_gate)
        {
            _isAsked = true;
            _wait?.Cancel();
        }
    }

    public bool IsAsked => _isAsked;

    /// <summary>Whether it was asked since the last time.</summary>
    public bool WasAsked()
    {
        if (!_isAsked)
            return false;
        _isAsked = false;
        return true;
    }

    /// <summary>Has <paramref name="wait"/> cancelled when it is asked, until <see cref="End"/>.</summary>
    public void Begin(CancellationTokenSource wait)
    {
        lock (_gate)
        {
            _wait = wait;
            if (_isAsked)
                wait.Cancel();
        }
    }

    public void End()
    {
        lock (_gate)
            _wait = null;
    }
}
