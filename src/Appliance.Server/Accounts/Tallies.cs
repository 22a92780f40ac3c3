using System.Collections.Concurrent;

namespace Appliance.Server.Accounts;

/// <summary>Counts for each key, in memory only, within a stretch of time that begins with the first of them. A step of the machine's clock changes nothing.</summary>
internal sealed class Tallies<TKey>(TimeSpan window, TimeProvider time) where TKey : notnull
{
    /// <summary>Keys that are remembered; past it those whose time is over are forgotten, and when that is not enough a tenth, the smallest counts first.</summary>
    internal const int MostKeys = 50_000;

    private readonly ConcurrentDictionary<TKey, Tally> _tallies = new();
    private readonly long _began = time.GetTimestamp();

    public int Keys => _tallies.Count;

    private TimeSpan Now => time.GetElapsedTime(_began);

    /// <summary>Counts one more, or several.</summary>
    /// <returns>How many there are now.</returns>
    public int Add(TKey key, int count = 1)
    {
        var now = Now;
        if (_tallies.Count >= MostKeys)
            MakeRoom(now);
        return _tallies.AddOrUpdate(
            key,
            _ => new Tally(count, now + window),
            (_, before) => before.Until <= now ? new Tally(count, now + window) : before with { Count = before.Count + count }).Count;
    }

    public int Of(TKey key) => _tallies.TryGetValue(key, out var tally) && tally.Until > Now ? tally.Count : 0;

    /// <summary>Keeps a count for so long from now.</summary>
    public void Keep(TKey key, TimeSpan span)
    {
        if (_tallies.TryGetValue(key, out var tally))
            _tallies[key] = tally with { Until = Now + span };
    }

    private void MakeRoom(TimeSpan now)
    {
        foreach (var over in _tallies.Where(pair => pair.Value.Until <= now))
            _tallies.TryRemove(over);
        // Not all: whoever comes from many networks must not lift a ban by that.
        if (_tallies.Count >= MostKeys)
            foreach (var first in _tallies.OrderBy(pair => pair.Value.Count).ThenBy(pair => pair.Value.Until).Take(MostKeys / 10).ToList())
                _tallies.TryRemove(first);
    }

    private sealed record Tally(int Count, TimeSpan Until);
}
