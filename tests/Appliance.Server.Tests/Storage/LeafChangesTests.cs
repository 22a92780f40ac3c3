using System.Buffers;
using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Values;
using Appliance.Server.Tests.Storage.Simulation;
using CsCheck;

namespace Appliance.Server.Tests.Storage;

/// <summary>Leaves hold what was put into them, in order, whatever came and went; and none is too large or empty.</summary>
public sealed class LeafChangesTests
{
    private const int MostBytes = 7_500;

    private static readonly Gen<(int Key, int Size)[]> Changes = Gen.Select(
        Gen.Int[0, 400], Gen.Frequency((1, Gen.Const(-1)), (4, Gen.Int[0, 300]), (1, Gen.Int[2_000, 12_000])), (key, size) => (key, size)).Array[1, 60];

    [Fact]
    public void Hold_what_a_sorted_dictionary_does() => Changes.Array[1, 20].Sample(
        groups =>
        {
            using var leaves = new Leaves();
            var model = new SortedDictionary<string, int>(StringComparer.Ordinal);
            foreach (var group in groups)
            {
                foreach (var (key, size) in group)
                    if (size < 0)
                        model.Remove(NameOf(key));
                    else
                        model[NameOf(key)] = size;
                leaves.Take(group.Select(change => (NameOf(change.Key), change.Size)));
                Assert.Equal(model.Select(row => (row.Key, row.Value)), leaves.Rows("rows"));
                Assert.Equal(model.Select(row => ($"{row.Value:d5}", row.Key)).Order(), leaves.Entries("rows.size"));
                leaves.CheckShape();
            }
        },
        iter: 200);

    [Fact]
    public void Rows_that_come_in_order_fill_their_leaves()
    {
        using var leaves = new Leaves();
        for (var i = 0; i < 400; i += 4)
            leaves.Take(Enumerable.Range(i, 4).Select(key => (NameOf(key), 200)));
        Assert.InRange(leaves.Count("rows"), 1, 400 * 240 / (MostBytes * 9 / 10));
    }

    [Fact]
    public void A_leaf_that_others_are_put_behind_is_not_written_again()
    {
        using var leaves = new Leaves();
        leaves.Take([("a", 2_900), ("b", 2_900)]);
        leaves.Take([("c", 2_900), ("d", 2_900), ("e", 2_900), ("f", 2_900)]);
        Assert.Equal((0, 2), (leaves.Replaced, leaves.Added));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(1 << 20)]
    public void Values_of_every_length_come_back(int length)
    {
        var entries = Leaf.PackEntries(new IndexEntries(("tag", [1, 2]), ("none", null)), new ArrayBufferWriter<byte>());
        var rows = Leaf.Read(Leaf.Write([new(new byte[] { 1 }, new byte[length], entries), new(new byte[] { 2 }, new byte[3], Leaf.NoEntries)], new ArrayBufferWriter<byte>()));
        Assert.Equal([length, 3], rows.Select(row => row.Value.Length));
        Assert.Equal((1, 0), (rows[0].ReadEntries().Count, rows[1].ReadEntries().Count));
        Assert.Equal(new byte[] { 1, 2 }, rows[0].ReadEntries()["tag"]);
    }

    [Theory]
    [InlineData("93c40161c4")]
    [InlineData("92c40161c40162")]
    [InlineData("93c0c4016280")]
    [InlineData("ff")]
    public void What_is_no_leaf_is_damage(string packed) => Assert.Throws<StoreDamagedException>(() => Leaf.Read(Convert.FromHexString(packed)));

    private static string NameOf(int key) => $"{key:d3}";

    /// <summary>Leaves as the engine keeps them, by their bounds.</summary>
    private sealed class Leaves : ILeaves, IDisposable
    {
        private readonly SortedDictionary<byte[], byte[]> _leaves = new(BytesComparer.Instance);

        private readonly ValueFile _values = new(new SimulatedDisk().Open("values"));

        public int Replaced { get; private set; }

        public int Added { get; private set; }

        public void Take(IEnumerable<(string Key, int Size)> rows)
        {
            var overlay = new Overlay();
            foreach (var (key, size) in rows)
                overlay.Set("rows", Encoding.UTF8.GetBytes(key), size < 0
                    ? new Change(null, new IndexEntries(("size", null)), IsNew: false)
                    : new Change(new byte[size], new IndexEntries(("size", IndexEntry.Of(Encoding.UTF8.GetBytes($"{size:d5}"), Encoding.UTF8.GetBytes(key)))), IsNew: false));
            var changes = new LeafChanges(this, _values);
            changes.Change("rows", overlay.Of("rows")!);
            changes.FinishIndexes();
            foreach (var bound in changes.Deleted)
                Assert.True(_leaves.Remove(bound));
            foreach (var (bound, packed) in changes.Replaced)
            {
                Assert.True(_leaves.ContainsKey(bound));
                _leaves[bound] = packed;
            }
            foreach (var (bound, packed) in changes.Added)
                _leaves.Add(bound, packed);
            _values.Release(changes.Superseded);
            _values.Reuse(changes.Unlisted);
            _values.Wipe(_values.Released);
            (Replaced, Added) = (changes.Replaced.Count(leaf => !TableKey.NameIn(leaf.Bound).Contains('.')), changes.Added.Count(leaf => !TableKey.NameIn(leaf.Bound).Contains('.')));
        }

        public void Dispose() => _values.Dispose();

        public int Count(string table) => Of(table).Count();

        public IEnumerable<(string, int)> Rows(string table) => Of(table).SelectMany(leaf => Leaf.Read(leaf.Value)).Select(row => (Encoding.UTF8.GetString(row.Key.Span), row.Place?.Length ?? row.Value.Length));

        public IEnumerable<(string, string)> Entries(string index) => Of(index).SelectMany(leaf => Leaf.Read(leaf.Value))
            .Select(row => (Encoding.UTF8.GetString(IndexEntry.ValueOf(row.Key.Span)), Encoding.UTF8.GetString(row.Value.Span)));

        public void CheckShape()
        {
            foreach (var (bound, packed) in _leaves)
            {
                var rows = Leaf.Read(packed);
                Assert.NotEmpty(rows);
                Assert.True(rows.Count == 1 || packed.Length <= MostBytes * 11 / 10, $"{rows.Count} rows in {packed.Length} bytes");
                Assert.All(rows, row => Assert.Equal(bound, Bound(TableKey.NameIn(bound), row.Key.Span)));
            }
            var places = Of("rows").SelectMany(leaf => Leaf.Read(leaf.Value)).Select(row => row.Place).OfType<ValuePlace>().ToList();
            Assert.All(places, place => Assert.Equal(place.Length, _values.TryRead(place)?.Length));
            Assert.Equal(places.Select(place => place.Extent).OrderBy(extent => extent.Offset), Of(LeafChanges.Extents).SelectMany(leaf => Leaf.Read(leaf.Value)).Select(row => ListedExtent.Of(row.Key.Span, row.Value.Span)).Where(listed => !listed.IsReleased).Select(listed => listed.Extent));
        }

        public StoredLeaf? At(string table, ReadOnlySpan<byte> key) => Bound(table, key) is { } bound ? new StoredLeaf(bound, Leaf.Read(_leaves[bound])) : null;

        public byte[]? BoundAfter(string table, byte[] bound) => Of(table).Select(leaf => leaf.Key).FirstOrDefault(next => BytesComparer.Instance.Compare(next, bound) > 0);

        private byte[]? Bound(string table, ReadOnlySpan<byte> key)
        {
            var whole = TableKey.Of(table, key);
            return Of(table).Select(leaf => leaf.Key).LastOrDefault(bound => BytesComparer.Instance.Compare(bound, whole) <= 0);
        }

        private IEnumerable<KeyValuePair<byte[], byte[]>> Of(string table) => _leaves.Where(leaf => TableKey.NameIn(leaf.Key) == table);
    }
}
