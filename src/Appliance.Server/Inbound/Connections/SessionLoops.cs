namespace Appliance.Server.Inbound.Connections;

/// <summary>
/// A <see cref="SessionLoop"/> for each processor, which holds the sessions whose packets the system handles there: so what a peer says is received, answered and,
/// if it is on this machine, read by it without another processor being woken.
/// </summary>
internal sealed class SessionLoops : IDisposable
{
    private const int LeastThreads = 2; // one may be in a step that takes long

    /// <summary>A loop may hold so many sessions more than twice those of the one that holds least.</summary>
    private const int Slack = 4;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly List<SessionLoop> _loops = [];
    private readonly Timer? _freeing;

    /// <param name="processors">Those that this process has; one or none: the loops run where the system likes.</param>
    private SessionLoops(IReadOnlyList<int> processors)
    {
        var isSpread = processors.Count >= LeastThreads;
        try
        {
            for (var i = 0; i < (isSpread ? processors.Count : Math.Max(LeastThreads, Environment.ProcessorCount)); i++)
                _loops.Add(isSpread ? new SessionLoop(processors[i]) : new SessionLoop());
        }
        catch (Exception error) when (error is OutOfMemoryException or IOException)
        {
            Dispose();
            throw error as IOException ?? new IOException("The system makes no more threads.", error);
        }
        // Threads of the pool inherit the processor of the loop whose work made them necessary (in the native program; else the runtime sees to it).
        if (isSpread)
            _freeing = new Timer(_ => Processors.Free(processors), null, BetweenLooks, BetweenLooks);
    }

    /// <summary>Null on a system that does not have epoll, where sessions run in the thread pool.</summary>
    /// <exception cref="IOException">The system has no more files or threads.</exception>
    public static SessionLoops? Start()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var allowed = Processors.Allowed();
        // Who is allowed more than it counts has a share of their time, and others like it would be on the first of them too.
        return new SessionLoops(allowed.Count == Environment.ProcessorCount && Processors.CanFree ? allowed : []);
    }

    public IReadOnlyList<SessionLoop> All => _loops;

    /// <summary>Where to hold a session that came to <paramref name="loop"/>: there, unless others hold far fewer.</summary>
    public SessionLoop For(SessionLoop loop)
    {
        var least = _loops.MinBy(one => one.Held)!;
        return loop.Held > 2 * least.Held + Slack ? least : loop;
    }

    public void Dispose()
    {
        _freeing?.Dispose();
        _loops.ForEach(loop => loop.Dispose());
    }
}
