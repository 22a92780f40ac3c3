using Appliance.Server.Mailboxes;
using Appliance.Server.Storage;

namespace Appliance.Server.SelfDestruct;

/// <summary>
/// A high-water mark of time, kept in the store and advanced by monotonic time. What has expired by the wall clock or by the mark is
/// hidden; only what has expired by the mark is destroyed. A wall clock that goes back changes nothing. One that leaps ahead, by over an hour while this
/// runs or by over a day across downtime, moves the mark only once the kernel or the operator says that it is right; until
/// then nothing is destroyed. (DESIGN §6.)
/// </summary>
public sealed partial class DestructionClock(IStore store, TimeProvider time, IClockSynchronization synchronization, ILogger<DestructionClock> log)
    : IExpiryClock, IDisposable
{
    private static readonly TimeSpan MostWhileRunning = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan MostAcrossDowntime = TimeSpan.FromHours(24);
    private readonly SemaphoreSlim _gate = new(1);
    private volatile State? _state;

    public DateTimeOffset Now => Later(time.GetUtcNow(), _state is { } state ? Advanced(state) : DateTimeOffset.MinValue);

    /// <summary>Whether the wall clock is ahead of the mark by more than is believed without being told so.</summary>
    public bool IsSuspended => _state is { IsSuspended: true };

    /// <summary>Moves the mark on. What expires at or before the result may be destroyed; null: nothing may, for now.</summary>
    public Task<DateTimeOffset?> AdvanceAsync(CancellationToken cancellationToken) => AdvanceAsync(isConfirmed: false, cancellationToken);

    /// <summary>The operator has looked: the wall clock is right.</summary>
    /// <returns>The time it is.</returns>
    public async Task<DateTimeOffset> ConfirmAsync(CancellationToken cancellationToken) =>
        (await AdvanceAsync(isConfirmed: true, cancellationToken))!.Value;

    public void Dispose() => _gate.Dispose();

    private async Task<DateTimeOffset?> AdvanceAsync(bool isConfirmed, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var before = _state;
            var (wall, now) = (time.GetUtcNow(), time.GetTimestamp());
            var stored = before is null ? store.Get(TimeRow.All, Key.Of("mark"))?.Mark : null;
            var mark = before is not null ? Advanced(before) : stored ?? wall;
            var most = before is null ? MostAcrossDowntime : MostWhileRunning;
            var isSuspended = wall - mark > most && !isConfirmed && !synchronization.IsSynchronized();
            if (!isSuspended)
                mark = Later(wall, mark);
            if (isSuspended && before is not { IsSuspended: true })
                LogSuspended(wall, mark);
            await store.WriteAsync(transaction => Save(transaction, mark), cancellationToken);
            _state = new State(mark, now, isSuspended);
            return isSuspended ? null : mark;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static bool Save(IStoreTransaction transaction, DateTimeOffset mark)
    {
        transaction.Put(TimeRow.All, new TimeRow { Mark = mark });
        return true;
    }

    private DateTimeOffset Advanced(State state) => state.Mark + time.GetElapsedTime(state.At);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The clock says {Wall:u}, far ahead of {Mark:u}, when this last looked: nothing is destroyed until it is right. Correct it, or, if it is right, run: appliance time confirm")]
    private partial void LogSuspended(DateTimeOffset wall, DateTimeOffset mark);

    /// <param name="At">The monotonic time at which the mark was that.</param>
    private sealed record State(DateTimeOffset Mark, long At, bool IsSuspended);
}
