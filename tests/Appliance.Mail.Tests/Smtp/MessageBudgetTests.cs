using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

public sealed class MessageBudgetTests
{
    private const string Beginning = "EHLO client.example\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<ann@example.test>\r\n";

    /// <summary>A budget bounds what the process takes only if what was given back does not lie about.</summary>
    [Fact]
    public void What_large_messages_leave_is_collected_before_it_is_much()
    {
        var budget = new MessageBudget(1 << 30);
        var left = TakeAndGiveBack(budget, messages: 16, bytes: 5 << 20);

        Assert.Equal(1 << 30, budget.Free);
        Assert.InRange(left.Count(array => array.IsAlive), 0, left.Count / 2);
    }

    [Fact]
    public void One_network_has_a_quarter_or_one_message()
    {
        const int quarter = 1 << 20;
        var budget = new MessageBudget(4 * quarter);
        using (var first = new MessageBuffer(budget, "a"))
        using (var second = new MessageBuffer(budget, "a"))
        using (var large = new MessageBuffer(budget, "b"))
        using (var trusted = new MessageBuffer(budget))
        {
            Assert.True(first.TryAppend(new byte[quarter / 2]));
            Assert.False(second.TryAppend(new byte[quarter]));
            Assert.True(large.TryAppend(new byte[quarter * 3 / 2]));
            using var another = new MessageBuffer(budget, "b");
            Assert.False(another.TryAppend(new byte[1]));
            second.Dispose();
            Assert.True(trusted.TryAppend(new byte[quarter * 3 / 2]));
        }
        Assert.Equal(4 * quarter, budget.Free);
        using var again = new MessageBuffer(budget, "a");
        Assert.True(again.TryAppend(new byte[quarter / 2]));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)] // this machine's, or the operator's
    [InlineData(false, true, true)] // a relay, through which everybody's comes
    public async Task A_sessions_messages_count_for_its_network(bool isTrusted, bool mayForward, bool isKept)
    {
        var octets = string.Concat(Enumerable.Repeat(new string('x', 998) + "\r\n", 600));
        foreach (var (unfinished, whole) in new[] { ($"DATA\r\n{octets}", $"DATA\r\n{octets}.\r\n"), ($"BDAT 600000\r\n{octets}", $"BDAT 600000 LAST\r\n{octets}") })
        {
            var budget = new MessageBudget(4 << 20);
            var first = new Conversation(budget: budget, isTrusted: isTrusted, mayForward: mayForward);
            var second = new Conversation(budget: budget, isTrusted: isTrusted, mayForward: mayForward);
            await first.SendAsync(Beginning + unfinished);
            await second.SendAsync(Beginning + whole);
            Assert.Equal(isKept, !second.Replies().Contains("452 4.3.1", StringComparison.Ordinal));
            await first.HangUpAsync();
            await second.HangUpAsync();
            Assert.Equal(4 << 20, budget.Free);
        }
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", false)] // of one /48
    [InlineData("2001:db8:2:1::1", true)]
    public async Task The_networks_of_a_site_share_what_one_may_have(string client, bool isKept)
    {
        var octets = string.Concat(Enumerable.Repeat(new string('x', 998) + "\r\n", 600));
        var budget = new MessageBudget(4 << 20);
        var first = new Conversation(budget: budget, client: IPAddress.Parse("2001:db8:1:1::1"));
        var second = new Conversation(budget: budget, client: IPAddress.Parse(client));
        await first.SendAsync($"{Beginning}DATA\r\n{octets}");
        await second.SendAsync($"{Beginning}DATA\r\n{octets}.\r\n");
        Assert.Equal(isKept, !second.Replies().Contains("452 4.3.1", StringComparison.Ordinal));
        await first.HangUpAsync();
        await second.HangUpAsync();
    }

    /// <summary>Several networks, each with its quarter, could keep everybody's mail out for an hour, the longest a session lasts.</summary>
    [Theory]
    [InlineData("DATA\r\n", "more.\r\n.\r\n")]
    [InlineData("DATA\r\n", ".\r\n")] // nothing is missing but the end
    [InlineData("BDAT 1000000\r\n", "")]
    [InlineData("BDAT 900000\r\n", "BDAT 0 LAST\r\n")] // a chunk is complete, the message is not
    public async Task Who_is_slow_makes_room_for_others(string beginning, string end)
    {
        var time = new ManualTime();
        var budget = new MessageBudget(1 << 20, time);
        var slow = new Conversation(time: time, budget: budget, mayForward: true);
        var next = new Conversation(time: time, budget: budget, mayForward: true);
        var octets = new string('x', 899_998) + "\r\n";
        await slow.SendAsync(Beginning + beginning + octets);

        time.Advance(TimeSpan.FromSeconds(29));
        await next.SendAsync($"{Beginning}DATA\r\n{octets}.\r\n");
        Assert.EndsWith("452 4.3.1 Too much mail at once, try again later\r\n", next.Replies(), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(1));
        await next.SendAsync($"MAIL FROM:<a@client.example> SIZE=900000\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n{octets}.\r\n");
        Assert.EndsWith("250 2.0.0 Kept\r\n", next.Replies(), StringComparison.Ordinal);

        await slow.SendAsync(end.Length > 0 ? end : new string('x', 100_000) + "BDAT 0 LAST\r\n");
        Assert.Contains("452 4.3.1 Too much mail at once, try again later\r\n", slow.Replies(), StringComparison.Ordinal);
        Assert.Empty(slow.Drop.Kept);
        await slow.HangUpAsync();
        await next.HangUpAsync();
        Assert.Equal(1 << 20, budget.Free);
    }

    /// <summary>Or whoever declares large messages and sends none would end those of others.</summary>
    [Fact]
    public async Task Nobody_makes_room_for_a_message_that_is_only_announced()
    {
        var time = new ManualTime();
        var budget = new MessageBudget(1 << 20, time);
        var slow = new Conversation(time: time, budget: budget, mayForward: true);
        var next = new Conversation(time: time, budget: budget);
        await slow.SendAsync($"{Beginning}DATA\r\n{new string('x', 900_000)}\r\n");
        time.Advance(TimeSpan.FromMinutes(1));

        await next.SendAsync("EHLO client.example\r\nMAIL FROM:<a@client.example> SIZE=900000\r\n");
        Assert.EndsWith("250 2.1.0 Sender OK\r\n", next.Replies(), StringComparison.Ordinal);
        await slow.SendAsync(".\r\n");
        Assert.Single(slow.Drop.Kept);
        await slow.HangUpAsync();
        await next.HangUpAsync();
    }

    [Fact]
    public void Who_is_slow_makes_room_in_the_share_of_its_network_only()
    {
        var time = new ManualTime();
        var budget = new MessageBudget(4 << 20, time);
        using var others = new MessageBuffer(budget, "a");
        using var slow = new MessageBuffer(budget, "b");
        Assert.True(others.TryAppend(new byte[100_000]));
        Assert.True(slow.TryAppend(new byte[900_000]));
        time.Advance(TimeSpan.FromMinutes(1));

        using var next = new MessageBuffer(budget, "b");
        Assert.True(next.TryAppend(new byte[900_000]));
        Assert.False(slow.TryComplete());
        Assert.True(others.TryComplete());
    }

    [Fact]
    public void Who_is_quick_or_complete_stays()
    {
        var time = new ManualTime();
        var budget = new MessageBudget(8 << 20, time);
        using var complete = new MessageBuffer(budget);
        Assert.True(complete.TryAppend(new byte[1_000_000]) && complete.TryComplete());
        time.Advance(TimeSpan.FromSeconds(60));
        using var quick = new MessageBuffer(budget);
        Assert.True(quick.TryAppend(new byte[6_000_000]));
        time.Advance(TimeSpan.FromSeconds(60));

        using var next = new MessageBuffer(budget);
        Assert.False(next.TryAppend(new byte[2_000_000]));
        Assert.True(quick.TryComplete());
        Assert.Equal(1_000_000, complete.Content.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // so that nothing here still has them
    private static List<WeakReference> TakeAndGiveBack(MessageBudget budget, int messages, int bytes)
    {
        var octets = new byte[bytes];
        var buffers = new List<MessageBuffer>();
        var arrays = new List<WeakReference>();
        for (var i = 0; i < messages; i++)
        {
            buffers.Add(new MessageBuffer(budget));
            Assert.True(buffers[^1].TryAppend(octets));
            foreach (var memory in buffers[^1].Content)
                arrays.Add(new WeakReference(MemoryMarshal.TryGetArray(memory, out var array) ? array.Array : null));
        }
        GC.Collect();
        GC.Collect(); // they are as old as they get
        buffers.ForEach(buffer => buffer.Dispose());
        return arrays;
    }
}
