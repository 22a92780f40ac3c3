using System.Diagnostics;

namespace Appliance.EndToEnd.Harness;

/// <summary>Waits on a condition, with a deadline.</summary>
public static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The first value that is not null.</summary>
    /// <exception cref="TimeoutException">There was none in time; <paramref name="what"/> says what was waited for.</exception>
    public static async Task<T> SomeAsync<T>(Func<Task<T?>> look, TimeSpan deadline, Func<string> what) where T : class
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await look() is { } value)
                return value;
            if (Stopwatch.GetElapsedTime(started) > deadline)
                throw new TimeoutException(what());
            await Task.Delay(Pause);
        }
    }

    public static async Task TrueAsync(Func<bool> condition, TimeSpan deadline, Func<string> what) =>
        await SomeAsync(() => Task.FromResult(condition() ? string.Empty : null), deadline, what);
}
