using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

/// <summary>RFC 5321 §3.1: the server speaks first, and a client that does not wait for it is none that listens.</summary>
public sealed class GreetingTests
{
    private const string Greeting = "220 mx.example.test ESMTP\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(100);
    private static readonly SmtpOptions Options = new() { HostName = "mx.example.test", GreetingDelay = Delay };
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Who_waits_is_greeted_after_the_delay_and_may_take_as_long_as_ever_then()
    {
        var conversation = new Conversation(Options, time: _time);
        _time.Advance(Delay - TimeSpan.FromMilliseconds(1));
        Assert.Equal("", conversation.Replies());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(Greeting, conversation.Replies());
        _time.Advance(TimeSpan.FromMinutes(4));
        await conversation.SendAsync("NOOP\r\nQUIT\r\n");
        Assert.Equal(SmtpEndReason.Quit, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.EndsWith("250 2.0.0 OK\r\n221 2.0.0 Bye\r\n", conversation.Replies());
    }

    [Theory]
    [InlineData("EHLO client.example\r\n", 0)]
    [InlineData("E", 0)]
    [InlineData("\r\n", 99)]
    [InlineData("EHLO c\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n", 50)]
    public async Task Who_talks_before_is_refused_at_once(string words, int afterMilliseconds)
    {
        var conversation = new Conversation(Options, time: _time);
        _time.Advance(TimeSpan.FromMilliseconds(afterMilliseconds));
        await conversation.SendAsync(words);
        Assert.Equal(SmtpEndReason.TalkedFirst, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.Equal("554 5.7.0 You talked before the greeting; wait for it, then try again\r\n", conversation.Replies());
        Assert.Empty(conversation.Drop.Kept);
    }

    [Theory]
    [InlineData(true, false, 100)]
    [InlineData(false, true, 100)]
    [InlineData(false, false, 0)]
    public async Task Nobody_waits_who_is_trusted_or_speaks_lmtp_or_where_there_is_no_delay(bool isTrusted, bool isLmtp, int delay)
    {
        var options = Options with { IsLmtp = isLmtp, GreetingDelay = TimeSpan.FromMilliseconds(delay) };
        var conversation = new Conversation(options, time: _time, isTrusted: isTrusted);
        Assert.StartsWith("220 ", conversation.Replies());
        await conversation.SendAsync("QUIT\r\n");
        Assert.Equal(SmtpEndReason.Quit, (await conversation.Ended.WaitAsync(Patience)).Reason);
    }

    [Fact]
    public async Task Who_hangs_up_while_waiting_is_told_nothing()
    {
        var conversation = new Conversation(Options, time: _time);
        Assert.Equal(SmtpEndReason.PeerClosed, (await conversation.HangUpAsync()).Reason);
        Assert.Equal("", conversation.Replies());
    }

    [Fact]
    public async Task A_drain_comes_instead_of_the_greeting()
    {
        using var drain = new CancellationTokenSource();
        var conversation = new Conversation(Options, time: _time, drain: drain.Token);
        await drain.CancelAsync();
        Assert.Equal(SmtpEndReason.Drained, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.Equal("421 4.3.2 Shutting down, try again later\r\n", conversation.Replies());
    }
}
