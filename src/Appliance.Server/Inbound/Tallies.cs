using System.Collections.Concurrent;

namespace Appliance.Server.Inbound;

/// <summary>Counts for each key, in memory only, within a stretch of time that begins with the first of them.</summary>
internal sealed class Tallies<TKey>(TimeSpan window, TimeProvider time) where TKey : notnull
{
    /// <summary>Keys that are remembered; past it those whose time is over are forgotten, or all.</summary>
    internal const int MostKeys = 50_000;

    private readonly ConcurrentDictionary<TKey, Tally> _tallies = new();

    public int Keys => _tallies.Count;

    /// <summary>Counts one more.</summary>
    /// <returns>How many there are now.</returns>
    public int Add(TKey key)
    {
        var now = time.GetUtcNow();
        if (_tallies.Count >= MostKeys)
            MakeRoom(now);
        return _tallies.AddOrUpdate(
            key,
            _ => new Tally(1, now + window),
            (_, before) => before.Until <= now ? new Tally(1, now + window) : before with { Count = before.Count + 1 }).Count;
    }

    public int Of(TKey key) => _tallies.TryGetValue(key, out var tally) && tally.Until > time.GetUtcNow() ? tally.Count : 0;

    /// <summary>Keeps a count for so long from now.</summary>
    public void Keep(TKey key, TimeSpan span)
    {
        if (_tallies.TryGetValue(key, out var tally))
            _tallies[key] = tally with { Until = time.GetUtcNow() + span };
    }

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, tally) in _tallies)
            if (tally.Until <= now)
                _tallies.TryRemove(KeyValuePair.Create(key, tally));
        if (_tallies.Count >= MostKeys)
            _tallies.Clear();
    }

    private sealed record Tally(int Count, DateTimeOffset Until);
}
