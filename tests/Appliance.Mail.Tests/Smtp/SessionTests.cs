using System.Buffers;
using System.Text;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

public sealed class SessionTests
{
    private const string Envelope = "EHLO c\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\n";
    private const string Shutdown = "421 4.3.2 Shutting down, try again later\r\n";
    private const string TimedOut = "421 4.4.2 Timed out, closing\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Answers_a_pipelined_group_in_one_piece()
    {
        var conversation = new Conversation();
        await conversation.SendAsync("EHLO c\r\n");
        var flushes = conversation.Flushes;
        await conversation.SendAsync("RSET\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nRCPT TO:<c@example.test>\r\nDATA\r\n");
        Assert.Equal(flushes + 1, conversation.Flushes);
        Assert.EndsWith("354 End data with <CR><LF>.<CR><LF>\r\n", conversation.Replies());
        await conversation.HangUpAsync();
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task A_clock_that_is_set_ends_no_session_and_keeps_none(int minutes)
    {
        var time = new ManualTime();
        var conversation = new Conversation(time: time);
        time.SetClock(TimeSpan.FromMinutes(minutes));
        await conversation.SendAsync("NOOP\r\n");
        Assert.EndsWith("250 2.0.0 OK\r\n", conversation.Replies());
        time.SetClock(TimeSpan.FromMinutes(minutes));
        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.False(conversation.Ended.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.EndsWith(TimedOut, conversation.Replies());
        Assert.Equal(SmtpEndReason.TimedOut, (await conversation.HangUpAsync()).Reason);
    }

    [Fact]
    public async Task Who_says_much_at_once_gives_way_to_others()
    {
        var others = new Turns();
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(others);
        var conversation = new Conversation();
        var sending = conversation.SendAsync(string.Concat(Enumerable.Repeat("NOOP\r\n", 1000)) + "QUIT\r\n");
        SynchronizationContext.SetSynchronizationContext(before);
        await sending;
        Assert.InRange(conversation.Replies().Split('\n').Length, 2, 100);
        while (others.Due.TryDequeue(out var turn))
            turn();
        Assert.InRange(others.Count, 10, 100);
        Assert.Equal(SmtpEndReason.Quit, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.Equal(1000, conversation.Replies().Split("250 2.0.0 OK").Length - 1);
    }

    /// <summary>What is to go on later.</summary>
    private sealed class Turns : SynchronizationContext
    {
        public Queue<Action> Due { get; } = new();

        public int Count { get; private set; }

        public override void Post(SendOrPostCallback d, object? state)
        {
            Count++;
            Due.Enqueue(() =>
            {
                var before = Current;
                SetSynchronizationContext(this);
                d(state);
                SetSynchronizationContext(before);
            });
        }
    }

    [Fact]
    public async Task Answers_what_is_there_when_half_a_command_follows()
    {
        var conversation = new Conversation();
        await conversation.SendAsync(Envelope + "RCPT TO:<c@exam");
        Assert.EndsWith("250 2.1.5 Recipient OK\r\n", conversation.Replies());
        await conversation.HangUpAsync();
    }

    [Fact]
    public async Task Tells_the_drop_who_sends_what()
    {
        var conversation = new Conversation();
        await conversation.SendAsync("HELO old\r\nEHLO c.example\r\nMAIL FROM:<é@client.example> SIZE=3 BODY=8BITMIME SMTPUTF8\r\n");
        await conversation.SendAsync("RSET\r\nMAIL FROM:<> SIZE=3 BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n");
        await conversation.HangUpAsync();
        var envelope = Assert.Single(conversation.Drop.Kept).Envelope;
        Assert.True(envelope.Sender is { Path.IsNull: true, DeclaredBytes: 3, Is8Bit: true, IsUtf8: true });
        Assert.True(envelope.Peer is { Helo: "c.example", IsExtended: true, Tls: null });
        Assert.Equal("UTF8SMTP", envelope.Protocol);
        Assert.Equal("<b@example.test>", Assert.Single(envelope.Recipients).State);
    }

    [Theory]
    [InlineData(452, "4.3.1")]
    [InlineData(550, "5.7.1")]
    public async Task Passes_on_the_verdict_and_keeps_its_cause(int code, string enhanced)
    {
        var drop = new ScriptedDrop { Verdict = new SmtpReply(code, enhanced, "No", "a private cause") };
        var conversation = new Conversation(drop: drop);
        await conversation.SendAsync(Envelope + "DATA\r\n.\r\nQUIT\r\n");
        var end = await conversation.HangUpAsync();
        Assert.EndsWith($"{code} {enhanced} No\r\n221 2.0.0 Bye\r\n", conversation.Replies());
        Assert.Equal("a private cause", Assert.Single(drop.Refusals).Cause);
        Assert.Equal(0, end.Messages);
    }

    [Fact]
    public async Task Ends_when_the_drop_says_421()
    {
        var conversation = new Conversation(drop: new ScriptedDrop { Verdict = new SmtpReply(421, "4.3.2", "Going away") });
        await conversation.SendAsync(Envelope + "DATA\r\n.\r\nNOOP\r\n");
        var end = await conversation.HangUpAsync();
        Assert.EndsWith("421 4.3.2 Going away\r\n", conversation.Replies());
        Assert.Equal(SmtpEndReason.Refused, end.Reason);
    }

    [Fact]
    public void Sends_no_line_of_a_reply_that_could_be_another_reply()
    {
        var output = new ArrayBufferWriter<byte>();
        new SmtpReply(550, "5.7.1", "one\r\n250 two\né\0" + new string('x', 600)).WriteTo(output);
        var lines = Encoding.Latin1.GetString(output.WrittenSpan).Split("\r\n");
        Assert.Equal(["550-5.7.1 one?", "550-5.7.1 250 two", lines[2], ""], lines);
        Assert.StartsWith("550 5.7.1 ??xxx", lines[2]);
        Assert.True(lines[2].Length <= 510);
    }

    [Fact]
    public async Task Closes_quietly_when_the_peer_goes_in_the_middle_of_a_message()
    {
        var conversation = new Conversation();
        await conversation.SendAsync(Envelope + "DATA\r\nhalf a mess");
        var end = await conversation.HangUpAsync();
        Assert.Equal(SmtpEndReason.PeerClosed, end.Reason);
        Assert.EndsWith("<CR><LF>\r\n", conversation.Replies());
        Assert.Empty(conversation.Drop.Kept);
        Assert.Equal(1 << 28, conversation.Budget.Free);
    }

    [Fact]
    public async Task Closes_when_far_more_is_sent_than_a_message_may_hold()
    {
        var conversation = new Conversation(new SmtpOptions { HostName = "mx", MaxMessageBytes = 1_000 });
        await conversation.SendAsync(Envelope + "DATA\r\n" + new string('x', 1_000 + (1 << 20) + 1));
        var end = await conversation.Ended.WaitAsync(Patience);
        Assert.Equal(SmtpEndReason.Violation, end.Reason);
        Assert.EndsWith("552 5.3.4 The message is larger than this host takes\r\n", conversation.Replies());
    }

    [Fact]
    public async Task Hears_out_who_talks_on_for_a_while_so_that_the_last_reply_is_not_lost_with_a_reset()
    {
        var time = new ManualTime();
        var conversation = new Conversation(new SmtpOptions { HostName = "mx.example.test", MaxCommands = 2 }, time: time);
        await conversation.SendAsync("NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n");
        Assert.EndsWith("\r\n421 4.7.0 Too many commands, closing\r\n", conversation.Replies(), StringComparison.Ordinal);
        await conversation.SendAsync("NOOP\r\n");
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(conversation.Ended.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(SmtpEndReason.TooManyCommands, (await conversation.Ended.WaitAsync(TimeSpan.FromSeconds(30))).Reason);
        Assert.EndsWith("\r\n421 4.7.0 Too many commands, closing\r\n", conversation.Replies(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_not_hear_out_who_never_ends()
    {
        var conversation = new Conversation(new SmtpOptions { HostName = "mx.example.test", MaxCommands = 1 }, time: new ManualTime());
        await conversation.SendAsync("NOOP\r\nNOOP\r\nNOOP\r\n");
        var piece = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("NOOP\r\n", 10_000)));
        var sent = 0L;
        for (; !conversation.Ended.IsCompleted; sent += piece.Length)
            await conversation.SendAsync(piece);
        Assert.InRange(sent, 16 << 20, 17 << 20);
    }

    [Fact]
    public async Task Gives_a_command_five_minutes_however_slowly_it_drips()
    {
        var time = new ManualTime();
        var conversation = new Conversation(time: time);
        for (var i = 0; i < 5; i++)
        {
            await conversation.SendAsync("x");
            time.Advance(Minute);
        }
        Assert.Equal(SmtpEndReason.TimedOut, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.EndsWith(TimedOut, conversation.Replies());
    }

    [Fact]
    public async Task Gives_a_dripping_message_an_hour()
    {
        var time = new ManualTime();
        var conversation = new Conversation(time: time);
        await conversation.SendAsync(Envelope + "DATA\r\n");
        for (var i = 0; i < 59; i++)
        {
            time.Advance(Minute);
            await conversation.SendAsync("x");
        }
        Assert.False(conversation.Ended.IsCompleted);
        time.Advance(Minute);
        Assert.Equal(SmtpEndReason.TimedOut, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.EndsWith(TimedOut, conversation.Replies());
        Assert.Empty(conversation.Drop.Kept);
    }

    [Fact]
    public async Task Does_not_wait_for_ever_for_a_peer_that_does_not_read()
    {
        var time = new ManualTime();
        var conversation = new Conversation(time: time, maxUnreadReplies: 100);
        await conversation.SendAsync("EHLO c\r\nEHLO c\r\n");
        Assert.False(conversation.Ended.IsCompleted);
        time.Advance(5 * Minute);
        Assert.Equal(SmtpEndReason.TimedOut, (await conversation.Ended.WaitAsync(Patience)).Reason);
    }

    [Fact]
    public async Task A_session_does_not_outlive_its_time_on_what_was_sent_ahead()
    {
        var time = new ManualTime();
        var drop = new ScriptedDrop { WhileDelivering = () => { time.Advance(TimeSpan.FromMinutes(25)); return default; } };
        var conversation = new Conversation(drop: drop, time: time);
        await conversation.SendAsync("EHLO c\r\n" + string.Concat(Enumerable.Repeat("MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nHi.\r\n.\r\n", 10)));
        Assert.Equal(SmtpEndReason.TimedOut, (await conversation.HangUpAsync()).Reason);
        Assert.EndsWith("421 4.4.2 Timed out, closing\r\n", conversation.Replies());
        Assert.Equal(3, drop.Kept.Count);
    }

    [Fact]
    public async Task Says_421_when_drained_between_transactions()
    {
        using var drain = new CancellationTokenSource();
        var conversation = new Conversation(drain: drain.Token);
        await conversation.SendAsync("EHLO c\r\n");
        await drain.CancelAsync();
        Assert.Equal(SmtpEndReason.Drained, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.EndsWith(Shutdown, conversation.Replies());
    }

    [Theory]
    [InlineData("DATA\r\nwhole\r\n.\r\n", "250 2.0.0 Kept\r\n", 1)]
    [InlineData("RCPT TO:<c@example.test>\r\nBDAT 5\r\nwholeBDAT 0 LAST\r\n", "250 2.0.0 Kept\r\n", 1)]
    [InlineData("RSET\r\n", "250 2.0.0 OK\r\n", 0)]
    [InlineData("RSET\r\n" + Envelope, "250 2.0.0 OK\r\n", 0)] // no other transaction, sent already or not
    public async Task Lets_an_open_transaction_come_to_its_end_when_drained(string rest, string answer, int kept)
    {
        using var drain = new CancellationTokenSource();
        var conversation = new Conversation(drain: drain.Token);
        await conversation.SendAsync(Envelope);
        await drain.CancelAsync();
        Assert.False(conversation.Ended.IsCompleted);
        await conversation.SendAsync(rest);
        Assert.Equal(SmtpEndReason.Drained, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.EndsWith(answer + Shutdown, conversation.Replies());
        Assert.Equal(kept, conversation.Drop.Kept.Count);
    }

    [Fact]
    public async Task Takes_the_message_at_hand_before_it_is_drained()
    {
        using var drain = new CancellationTokenSource();
        var conversation = new Conversation(drain: drain.Token);
        await conversation.SendAsync(Envelope + "DATA\r\nhalf ");
        await drain.CancelAsync();
        Assert.False(conversation.Ended.IsCompleted);
        await conversation.SendAsync("and half\r\n.\r\n");
        Assert.Equal(SmtpEndReason.Drained, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.EndsWith("250 2.0.0 Kept\r\n" + Shutdown, conversation.Replies());
        Assert.Single(conversation.Drop.Kept);
    }

    [Fact]
    public async Task Ends_without_a_word_when_aborted()
    {
        using var abort = new CancellationTokenSource();
        var conversation = new Conversation(abort: abort.Token);
        await conversation.SendAsync(Envelope + "DATA\r\nhalf ");
        await abort.CancelAsync();
        Assert.Equal(SmtpEndReason.Aborted, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.EndsWith("<CR><LF>\r\n", conversation.Replies());
    }

    [Fact]
    public async Task Is_aborted_while_the_drop_is_at_work()
    {
        using var abort = new CancellationTokenSource();
        var drop = new ScriptedDrop { WhileDelivering = () => new ValueTask(Task.Delay(Timeout.InfiniteTimeSpan, abort.Token)) };
        var conversation = new Conversation(drop: drop, abort: abort.Token);
        await conversation.SendAsync(Envelope + "DATA\r\n.\r\n");
        await abort.CancelAsync();
        Assert.Equal(SmtpEndReason.Aborted, (await conversation.Ended.WaitAsync(Patience)).Reason);
        Assert.EndsWith("<CR><LF>\r\n", conversation.Replies());
    }

    [Fact]
    public async Task Leaves_nothing_of_a_message_in_the_transport()
    {
        const string canary = "canary-77c2";
        var memory = new RememberingPool();
        var conversation = new Conversation(memory: memory);
        await conversation.SendAsync(Envelope + $"RCPT TO:<{canary}@example.test>\r\nDATA\r\nSubject: {canary}\r\n");
        await conversation.SendAsync(string.Concat(Enumerable.Repeat(canary + "\r\n", 2_000)) + $".\r\nNOOP {canary}\r\nNOOP {canary}");
        await conversation.HangUpAsync();
        Assert.Single(conversation.Drop.Kept);
        Assert.NotEmpty(memory.Rented);
        Assert.All(memory.Rented, array => Assert.DoesNotContain("canary", Encoding.Latin1.GetString(array)));
    }

    private sealed class RememberingPool : MemoryPool<byte>
    {
        public List<byte[]> Rented { get; } = [];

        public override int MaxBufferSize => 4_096;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            var array = new byte[4_096];
            Rented.Add(array);
            return new Owner(array);
        }

        protected override void Dispose(bool disposing)
        {
        }

        private sealed record Owner(byte[] Array) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory => Array;

            public void Dispose()
            {
            }
        }
    }
}
