namespace Appliance.Server.Storage.LiteDb;

/// <summary>The engine being fed, on a thread of its own, while the writer's goes on acknowledging.</summary>
internal sealed class Feed
{
    private readonly Thread _thread;
    private volatile bool _isOver;
    private StoreFailedException? _error;

    /// <param name="work">All that is done with the engine meanwhile.</param>
    /// <param name="over">Called when it is over.</param>
    public Feed(Action work, Action over)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "store feeder" };
        _thread.Start();

        void Run()
        {
            try
            {
                work();
            }
            catch (StoreFailedException error)
            {
                _error = error;
            }
            _isOver = true;
            over();
        }
    }

    public bool IsOver => _isOver;

    /// <summary>Waits until it is over.</summary>
    /// <returns>Why the engine did not take it; null when it did.</returns>
    public StoreFailedException? End()
    {
        _thread.Join();
        return _error;
    }
}
