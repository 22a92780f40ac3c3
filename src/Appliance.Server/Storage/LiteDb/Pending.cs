namespace Appliance.Server.Storage.LiteDb;

/// <summary>
/// Rows that were acknowledged, and are in the journal, but not in the engine for sure: those it is being fed with, under those that came since. Immutable: a
/// reader keeps the ones it began with.
/// </summary>
/// <param name="Feeding">None while the engine is not being fed.</param>
/// <param name="Waiting">What it is not being fed with.</param>
/// <param name="Feeds">How often feeding the engine had begun when this was shown.</param>
/// <param name="MayBeFed">The engine may have some of what waits: it was being fed with it, and failed.</param>
/// <param name="IsFedAgain">The same of what it is being fed with: this is not the first time.</param>
internal sealed record Pending(PendingRows Feeding, PendingRows Waiting, int Feeds, bool MayBeFed = false, bool IsFedAgain = false)
{
    public static Pending None { get; } = new(PendingRows.None, PendingRows.None, 0);

    public bool IsEmpty => Feeding.IsEmpty && Waiting.IsEmpty;

    public Change? Find(string collection, byte[] key) => Waiting.Find(collection, key) ?? Feeding.Find(collection, key);

    /// <summary>All of a collection; null when there is nothing.</summary>
    public IReadOnlyDictionary<byte[], Change>? Of(string collection) =>
        Feeding.Of(collection) is not { } feeding ? Waiting.Of(collection)
        : Waiting.Of(collection) is not { } waiting ? feeding
        : PendingRows.Join(feeding, waiting, engineMayHaveUnder: true);

    /// <summary>All of a collection with more changes over it.</summary>
    public IReadOnlyDictionary<byte[], Change> With(string collection, IReadOnlyDictionary<byte[], Change> changes) =>
        Feeding.Of(collection) is { } feeding ? PendingRows.Join(feeding, OverWaiting(collection, changes), engineMayHaveUnder: true) : OverWaiting(collection, changes);

    private IReadOnlyDictionary<byte[], Change> OverWaiting(string collection, IReadOnlyDictionary<byte[], Change> changes) =>
        Waiting.Of(collection) is { } waiting ? PendingRows.Join(waiting, changes) : changes;

    /// <summary>What there is once a group is acknowledged too.</summary>
    /// <param name="superseded">Gets the changes that the engine will never see.</param>
    public Pending With(Overlay group, List<Change> superseded)
    {
        var waiting = Waiting.With(group, superseded);
        if (MayBeFed)
            superseded.Clear();
        return this with { Waiting = waiting };
    }

    public Pending BeginFeed() => new(Waiting, PendingRows.None, Feeds + 1, IsFedAgain: MayBeFed);

    /// <param name="isFed">Else all of it waits as before.</param>
    public Pending EndFeed(bool isFed) => isFed
        ? this with { Feeding = PendingRows.None, IsFedAgain = false }
        : this with { Feeding = PendingRows.None, Waiting = Feeding.With(Waiting), MayBeFed = true, IsFedAgain = false };
}
