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
