using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Appliance.Mail.Smtp;

namespace Appliance.Mail.Tests.Smtp;

public sealed class MessageBudgetTests
{
    /// <summary>A budget bounds what the process takes only if what was given back does not lie about.</summary>
    [Fact]
    public void What_large_messages_leave_is_collected_before_it_is_much()
    {
        var budget = new MessageBudget(1 << 30);
        var left = TakeAndGiveBack(budget, messages: 16, bytes: 5 << 20);

        Assert.Equal(1 << 30, budget.Free);
        Assert.InRange(left.Count(array => array.IsAlive), 0, left.Count / 2);
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
