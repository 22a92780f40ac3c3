using Appliance.Crypto.Formats;

namespace Appliance.Server.Tests.SelfDestruct;

/// <summary>The clock table: what is shown and what is destroyed when the wall clock goes wrong.</summary>
public sealed class DestructionClockTests : IAsyncLifetime
{
    private Letterbox _box = null!;
    private MessageId _past;
    private MessageId _soon;
    private MessageId _never;

    public async ValueTask InitializeAsync()
    {
        _box = await Letterbox.OpenAsync();
        _never = await _box.ReceiveAsync();
        _past = await _box.ReceiveAsync(_box.Time.Wall.AddMinutes(10));
        _soon = await _box.ReceiveAsync(_box.Time.Wall.AddMinutes(40));
        await _box.Destroyer.RunAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    [Fact]
    public async Task Time_passes()
    {
        _box.Time.Pass(TimeSpan.FromMinutes(9));
        Assert.Equal(0, await RunAsync());
        Assert.True(_box.IsShown(_past));
        _box.Time.Pass(TimeSpan.FromMinutes(1));
        Assert.False(_box.IsShown(_past)); // before the job comes
        Assert.NotNull(_box.Row(_past));
        Assert.Equal(1, await RunAsync());
        Assert.Null(_box.Row(_past));
        Assert.True(_box.IsShown(_soon));
        Assert.True(_box.IsShown(_never));
    }

    [Fact]
    public async Task Back_an_hour_nothing_reappears_and_time_goes_on()
    {
        _box.Time.Pass(TimeSpan.FromMinutes(10));
        _box.Time.Wall -= TimeSpan.FromHours(1);
        Assert.False(_box.IsShown(_past)); // although nothing looked at the clock since it expired
        Assert.Equal(1, await RunAsync());
        _box.Time.Pass(TimeSpan.FromMinutes(30));
        Assert.False(_box.IsShown(_soon));
        Assert.Equal(1, await RunAsync());
        Assert.True(_box.IsShown(_never));
    }

    [Fact]
    public async Task Back_an_hour_across_a_restart_too()
    {
        _box.Time.Pass(TimeSpan.FromMinutes(45));
        await _box.Clock.AdvanceAsync(CancellationToken.None);
        _box.Time.Wall -= TimeSpan.FromHours(1);
        await _box.StartAgainAsync();
        await _box.Clock.AdvanceAsync(CancellationToken.None);
        Assert.False(_box.IsShown(_soon));
        Assert.Equal(2, await RunAsync());
    }

    [Fact]
    public async Task Forward_59_minutes_is_believed()
    {
        _box.Time.Wall += TimeSpan.FromMinutes(59);
        Assert.False(_box.IsShown(_soon));
        Assert.Equal(2, await RunAsync());
    }

    [Fact]
    public async Task Forward_61_minutes_hides_and_destroys_nothing_until_confirmed()
    {
        _box.Time.Wall += TimeSpan.FromMinutes(61);
        await HiddenAndKeptAsync();
        _box.Time.Pass(TimeSpan.FromMinutes(20)); // not even what has expired since: nobody knows what time it is
        await HiddenAndKeptAsync();
        Assert.Equal(_box.Time.Wall, await _box.Clock.ConfirmAsync(CancellationToken.None));
        Assert.Equal(2, await RunAsync());
        Assert.True(_box.IsShown(_never));
    }

    [Fact]
    public async Task Down_for_23_hours_is_believed()
    {
        _box.Time.Wall += TimeSpan.FromHours(23);
        await _box.StartAgainAsync();
        Assert.False(_box.IsShown(_soon));
        Assert.Equal(2, await RunAsync());
    }

    [Fact]
    public async Task Down_for_25_hours_hides_and_destroys_nothing_until_confirmed()
    {
        _box.Time.Wall += TimeSpan.FromHours(25);
        await _box.StartAgainAsync();
        await HiddenAndKeptAsync();
        await _box.StartAgainAsync();
        await HiddenAndKeptAsync();
        await _box.Clock.ConfirmAsync(CancellationToken.None);
        Assert.Equal(2, await RunAsync());
    }

    [Fact]
    public async Task In_2099_at_boot_all_that_expires_is_hidden_and_shown_again_once_the_clock_is_right()
    {
        var now = _box.Time.Wall;
        _box.Time.Wall = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await _box.StartAgainAsync();
        await HiddenAndKeptAsync();
        Assert.True(_box.Clock.IsSuspended);
        _box.Time.Wall = now;
        Assert.Equal(0, await RunAsync());
        Assert.False(_box.Clock.IsSuspended);
        Assert.True(_box.IsShown(_past));
        Assert.True(_box.IsShown(_soon));
        _box.Time.Pass(TimeSpan.FromMinutes(40));
        Assert.Equal(2, await RunAsync());
    }

    [Theory]
    [InlineData(61, false)]
    [InlineData(25 * 60, true)]
    public async Task A_leap_is_believed_when_the_kernel_vouches_for_the_clock(int minutes, bool isDown)
    {
        _box.IsSynchronized = true;
        _box.Time.Wall += TimeSpan.FromMinutes(minutes);
        if (isDown)
            await _box.StartAgainAsync();
        Assert.Equal(2, await RunAsync());
    }

    private Task<int> RunAsync() => _box.Destroyer.RunAsync(CancellationToken.None);

    private async Task HiddenAndKeptAsync()
    {
        Assert.Equal(0, await RunAsync());
        Assert.False(_box.IsShown(_past));
        Assert.False(_box.IsShown(_soon));
        Assert.NotNull(_box.Row(_past));
        Assert.NotNull(_box.Row(_soon));
        Assert.True(_box.IsShown(_never));
    }
}
