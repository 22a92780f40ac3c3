using Appliance.Server.Inbound;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Server.Tests.Inbound;

public sealed class SessionDrainTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();
    private readonly Lifetime _lifetime = new();
    private readonly SessionDrain _drain;

    public SessionDrainTests() => _drain = new SessionDrain(Options.Create(new MxOptions { DrainSeconds = 20 }), _lifetime, _time, NullLogger<SessionDrain>.Instance);

    public void Dispose()
    {
        _drain.Dispose();
        _lifetime.Dispose();
    }

    [Fact]
    public async Task Without_sessions_nothing_is_waited_for()
    {
        Assert.True(_drain.TryEnter());
        _drain.Leave();
        await _drain.StoppingAsync(CancellationToken.None).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.False(_drain.TryEnter());
        Assert.False(_drain.CutOff.IsCancellationRequested);
    }

    [Fact]
    public async Task Sessions_are_waited_for_and_none_begins_meanwhile()
    {
        Assert.True(_drain.TryEnter());
        Assert.True(_drain.TryEnter());
        var stopping = _drain.StoppingAsync(CancellationToken.None);
        Assert.True(_drain.Draining.IsCancellationRequested);
        Assert.False(_drain.TryEnter());
        _drain.Leave();
        Assert.False(stopping.IsCompleted);
        _drain.Leave();
        await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.False(_drain.CutOff.IsCancellationRequested);
    }

    [Fact]
    public async Task What_is_not_done_by_the_deadline_is_cut_off()
    {
        Assert.True(_drain.TryEnter());
        var stopping = _drain.StoppingAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(_drain.CutOff.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));
        await stopping.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(_drain.CutOff.IsCancellationRequested);
        _drain.Leave();
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }
}
