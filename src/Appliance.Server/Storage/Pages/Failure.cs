using System.Diagnostics.CodeAnalysis;

namespace Appliance.Server.Storage.Pages;

/// <summary>
/// The first error that kept something from being written since the engine was opened. The streams record it here instead of throwing,
/// because an exception inside them makes LiteDB close, and then reads would stop too.
/// </summary>
internal sealed class Failure
{
    private Exception? _first;

    public Exception? First => Volatile.Read(ref _first);

    [MemberNotNullWhen(true, nameof(First))]
    public bool Happened => First is not null;

    public void Record(Exception error) => Interlocked.CompareExchange(ref _first, error, null);

    /// <summary>The engine is opened anew.</summary>
    public void Clear() => Volatile.Write(ref _first, null);

    /// <exception cref="StoreFailedException">Something was not written since the engine was opened.</exception>
    public void ThrowIfHappened()
    {
        if (Happened)
            throw StoreFailedException.Of(First);
    }
}
