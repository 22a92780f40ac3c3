using System.Collections.Concurrent;
using Appliance.Crypto.Formats;

namespace Appliance.Crypto.Tests.Formats;

public sealed class RandomBytesTests
{
    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    public void None_are_given_twice_whatever_thread_asks(int length)
    {
        var given = new ConcurrentBag<string>();
        Parallel.For(0, 2_000, _ => given.Add(Convert.ToHexString(RandomBytes.Get(length))));
        Assert.Equal(2_000, given.Distinct().Count());
        // Nor parts of them: what was handed out is gone.
        Assert.Equal(2_000, given.Select(bytes => bytes[..16]).Distinct().Count());
        Assert.Equal(2_000, given.Select(bytes => bytes[^16..]).Distinct().Count());
    }

    [Fact]
    public void Every_bit_is_as_often_set_as_not()
    {
        var set = new int[8 * 32];
        for (var run = 0; run < 4_000; run++)
        {
            var bytes = RandomBytes.Get(32);
            for (var bit = 0; bit < set.Length; bit++)
                set[bit] += bytes[bit / 8] >> (bit % 8) & 1;
        }
        Assert.All(set, count => Assert.InRange(count, 1_700, 2_300)); // nine standard deviations
    }
}
