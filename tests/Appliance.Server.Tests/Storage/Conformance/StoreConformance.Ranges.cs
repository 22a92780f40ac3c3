using Appliance.Server.Storage;

namespace Appliance.Server.Tests.Storage.Conformance;

/// <content>Order and ranges.</content>
public abstract partial class StoreConformance
{
    /// <summary>Byte strings whose order goes wrong where length, sign or a 00 counts; in order.</summary>
    private static readonly byte[][] Difficult =
    [
        [0], [0, 0], [0, 0, 0], [0, 1], [0, 0xFE], [0, 0xFF], [0, 0xFF, 0], [1], [1, 0], "A"u8.ToArray(), "Z"u8.ToArray(), "a"u8.ToArray(),
        "a\0"u8.ToArray(), "a\0z"u8.ToArray(), "aa"u8.ToArray(), "ab"u8.ToArray(), "b"u8.ToArray(), [0x7F], [0x80], [0xC3, 0xA4], [0xFE, 0xFF], [0xFF],
        [0xFF, 0], [0xFF, 0xFF], Highest,
    ];

    [Fact]
    public async Task Every_range_of_keys_is_what_comparing_bytes_says()
    {
        var there = Difficult.Where((_, i) => i % 3 != 1).ToList(); // so that some bounds are no row's key
        await PutAsync([.. Shuffled(there).Select(key => new Item { Key = key })]);
        foreach (var from in Difficult)
            foreach (var to in Difficult)
                foreach (var descending in new[] { false, true })
                {
                    var expected = there.Where(key => Compare(from, key) <= 0 && Compare(key, to) <= 0);
                    Assert.Equal(
                        Hex(descending ? expected.Reverse() : expected),
                        Hex(Store.Range(Item.All, from, to, 100, descending).Select(item => item.Key)));
                }
    }

    [Fact]
    public async Task Every_range_of_an_index_is_ordered_by_value_then_key()
    {
        var values = Difficult.Where((_, i) => i % 3 != 1).Prepend([]).ToList();
        var items = values.SelectMany((value, i) => new[] { 0xFF, 0x00, 0x41 }[..(1 + i % 3)].Select(tie => new Item { Key = [(byte)tie, (byte)i], Value = value }))
            .Append(new Item { Key = [9] }).ToList(); // without a value: in no range
        await PutAsync([.. Shuffled(items)]);
        var ordered = items.Where(item => item.Value is not null).OrderBy(item => item.Value!, Order).ThenBy(item => item.Key, Order).ToList();
        foreach (var from in Difficult.Prepend([]))
            foreach (var to in Difficult.Prepend([]))
                foreach (var descending in new[] { false, true })
                {
                    var expected = ordered.Where(item => Compare(from, item.Value!) <= 0 && Compare(item.Value!, to) <= 0).ToList();
                    if (descending)
                        expected.Reverse();
                    var found = Store.Range(Item.All, from, to, 100, descending, "value");
                    Assert.Equal(Hex(expected.Select(item => item.Key)), Hex(found.Select(item => item.Key)));
                    Assert.Equal(Hex(expected.Select(item => item.Value!)), Hex(found.Select(item => item.Value!)));
                }
    }

    [Fact]
    public async Task Ranges_are_inclusive_ordered_and_limited()
    {
        await PutAsync([.. new[] { "d", "a", "c", "e", "b" }.Select(id => Note.With(id))]);
        Assert.Equal(["b", "c", "d"], Ids(Range("b", "d")));
        Assert.Equal(["d", "c", "b"], Ids(Range("b", "d", descending: true)));
        Assert.Equal(["b", "c"], Ids(Range("b", "d", limit: 2)));
        Assert.Equal(["e", "d"], Ids(Range("a", "z", limit: 2, descending: true)));
        Assert.Empty(Range("d", "b"));
        Assert.Empty(Range("x", "z"));
    }

    [Fact]
    public async Task A_limit_of_1_and_of_1000_is_kept_to()
    {
        foreach (var part in Enumerable.Range(0, 1100).Chunk(100))
            await PutAsync([.. part.Select(i => Note.With($"{i:d4}", i % 50 == 0 ? null : "tag"))]);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i:d4}"), Ids(Range("0", "9", 1000)));
        Assert.Equal(Enumerable.Range(100, 1000).Reverse().Select(i => $"{i:d4}"), Ids(Range("0", "9", 1000, descending: true)));
        Assert.Equal(["0000"], Ids(Range("0", "9", 1)));
        Assert.Equal(["1099"], Ids(Range("0", "9", 1, descending: true)));
        Assert.Equal(Enumerable.Range(0, 1100).Where(i => i % 50 != 0).Take(1000).Select(i => $"{i:d4}"), Ids(Tagged("tag")));
        Assert.Equal(["1099"], Ids(Store.Range(Note.All, Key.Of("a"), Key.Of("z"), 1, descending: true, index: "tag")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    public async Task Refuses_a_limit_outside_1_to_1000(int limit)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.Range(Note.All, Lowest, Highest, limit));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.WriteAsync(tx => tx.Range(Note.All, Lowest, Highest, limit)));
    }

    [Fact]
    public async Task Refuses_an_index_that_was_not_declared()
    {
        Assert.Throws<ArgumentException>(() => Store.Range(Note.All, Lowest, Highest, 10, index: "nothing"));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync(tx => tx.Range(Note.All, Lowest, Highest, 10, index: "nothing")));
    }

    [Fact]
    public async Task Page_after_page_gives_every_row_once()
    {
        await PutAsync([.. Difficult.Select(key => new Item { Key = key })]);
        var found = new List<byte[]>();
        var from = Lowest;
        while (Store.Range(Item.All, from, Highest, 4) is { Count: > 0 } page)
        {
            found.AddRange(page.Select(item => item.Key));
            from = Key.After(found[^1]);
        }
        Assert.Equal(Hex(Difficult), Hex(found));
    }

    [Fact]
    public async Task An_index_follows_the_value()
    {
        Item At(byte[]? value, int size) => new() { Key = [7], Value = value, Content = new byte[size] };
        string Found(byte value, byte size) =>
            $"{Store.Range(Item.All, [value], [value], 10, index: "value").Count} {Store.Range(Item.All, [size], [size], 10, index: "size").Count}";

        await PutAsync(At([1], 5));
        Assert.Equal("1 1", Found(1, 5));
        await PutAsync(At([2], 5));
        Assert.Equal("0 1", Found(1, 5));
        Assert.Equal("1 0", Found(2, 4));
        await PutAsync(At(null, 5));
        Assert.Equal("0 1", Found(2, 5));
        await PutAsync(At([1], 6));
        Assert.Equal("1 0", Found(1, 5));
        await Store.WriteAsync(tx => { tx.Delete(Item.All, [7]); return 0; });
        Assert.Equal("0 0", Found(1, 6));
        await _engine.OpenAgainAsync();
        Assert.Equal("0 0", Found(1, 6));
    }

    private static readonly Comparer<byte[]> Order = Comparer<byte[]>.Create(Compare);

    private static int Compare(byte[] one, byte[] other) => one.AsSpan().SequenceCompareTo(other);

    private static string Hex(IEnumerable<byte[]> all) => string.Join(' ', all.Select(Convert.ToHexString));

    private static IEnumerable<T> Shuffled<T>(IReadOnlyList<T> all) => Enumerable.Range(0, all.Count).Select(i => all[(i * 7 + 3) % all.Count]);
}
