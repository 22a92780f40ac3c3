namespace Appliance.Server.Tests.SelfDestruct;

/// <summary>A wall clock that can be set and a monotonic one that cannot.</summary>
internal sealed class TwoClocks : TimeProvider
{
    private TimeSpan _passed;

    public DateTimeOffset Wall { get; set; } = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Wall;

    public override long GetTimestamp() => _passed.Ticks;

    /// <summary>Both go on.</summary>
    public void Pass(TimeSpan time)
    {
        Wall += time;
        _passed += time;
    }
}
