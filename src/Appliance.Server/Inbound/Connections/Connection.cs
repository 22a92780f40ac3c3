using System.Net;

namespace Appliance.Server.Inbound.Connections;

/// <summary>A TCP connection as a session uses it: one wait and one sending at a time, which any thread may call off.</summary>
internal abstract class Connection : IDisposable
{
    /// <exception cref="IOException">It has gone.</exception>
    public abstract IPEndPoint Peer { get; }

    /// <summary>Waits until there may be something to receive, or it is called off.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public abstract ValueTask WaitAsync(CancellationToken cancellationToken);

    /// <summary>Ends the wait that has begun, if one has.</summary>
    public abstract void CallOffWait();

    /// <summary>Something may be left to receive: the next wait is over at once.</summary>
    public abstract void HasMore();

    /// <returns>How many bytes it received, 0 at the end; null when there is nothing yet.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public abstract int? Receive(Span<byte> room);

    /// <returns>How many bytes the system took at once.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public abstract int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Waits until the system takes some, or it is called off.</summary>
    /// <returns>How many bytes.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public abstract ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Ends the sending that has begun, if one has. In the thread pool that may cut it: then the next is told that the connection is broken.</summary>
    public abstract void CallOffSending();

    public abstract void Dispose();

    internal static IOException Broken(string reason, Exception? cause = null) => new("The connection broke: " + reason, cause);
}
