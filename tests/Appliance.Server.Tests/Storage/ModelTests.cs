using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Tests.Storage.Conformance;
using Appliance.Server.Tests.Storage.Simulation;
using CsCheck;

namespace Appliance.Server.Tests.Storage;

/// <summary>Whatever is done to it, in whatever order, the store holds and gives back what a sorted dictionary does.</summary>
public sealed class ModelTests
{
    private static readonly Gen<byte> Byte = Gen.OneOf<byte>(0, 1, 0x41, 0xFE, 0xFF);
    private static readonly Gen<string> Key = Byte.Array[1, 3].Select(Convert.ToHexString);
    private static readonly Gen<string?> Value = Gen.Null(Byte.Array[0, 2].Select(Convert.ToHexString), 0.3);
    private static readonly Gen<int> Size = Gen.OneOf(Gen.Int[0, 50], Gen.Int[0, 30_000]);
    private static readonly Gen<Change> Changes = Gen.Select(Key, Value, Size, Gen.Int[0, 3], (key, value, size, fate) => new Change(key, value, size, fate == 0, fate == 1));

    private static readonly Gen<Query> Queries = Gen.Select(
        Gen.OneOf(Key, Gen.Const("00")), Gen.OneOf(Key, Gen.Const("FFFFFFFF")), Gen.OneOf(Gen.Int[1, 8], Gen.Const(1000)), Gen.Bool,
        Gen.OneOf<string?>(null, "value", "size"), (from, to, limit, descending, index) => new Query(from, to, limit, descending, index));

    private static readonly Gen<Step[]> Steps = Gen.Select(
        Gen.Frequency((4, Gen.Const(Kind.Write)), (2, Gen.Const(Kind.Group)), (1, Gen.Const(Kind.Refuse)), (4, Gen.Const(Kind.Read)),
            (1, Gen.Const(Kind.Checkpoint)), (1, Gen.Const(Kind.Reopen)), (1, Gen.Const(Kind.PowerCut))),
        Changes.Array[0, 6], Queries, (kind, changes, query) => new Step(kind, changes, query)).Array[1, 30];

    private enum Kind
    {
        Write,
        Group,
        Refuse,
        Read,
        Checkpoint,
        Reopen,
        PowerCut,
    }

    [Fact]
    public Task Agrees_with_a_sorted_dictionary() => SampleAsync(100);

    [Fact]
    [Trait("level", "full")]
    public Task Agrees_with_a_sorted_dictionary_for_long() => SampleAsync(5000);

    private static Task SampleAsync(long runs) => Steps.SampleAsync(
        async steps =>
        {
            var disk = SimulatedStore.EmptyDisk();
            var store = SimulatedStore.Open(disk);
            try
            {
                var model = new SortedDictionary<string, Item>(StringComparer.Ordinal);
                foreach (var step in steps)
                    switch (step.Kind)
                    {
                        case Kind.Reopen:
                            await store.DisposeAsync();
                            store = SimulatedStore.Open(disk);
                            break;
                        case Kind.PowerCut:
                            disk = disk.AfterPowerCut(Dice.Loses);
                            await store.DisposeAsync();
                            store = SimulatedStore.Open(disk);
                            break;
                        case Kind.Checkpoint:
                            await store.CheckpointAsync();
                            break;
                        case Kind.Read:
                            AssertSame(store, model, step.Query);
                            break;
                        default:
                            await WriteAsync(store, model, step);
                            break;
                    }
                foreach (var index in new[] { null, "value", "size" })
                    AssertSame(store, model, new Query("", "FFFFFFFF", 1000, false, index));
            }
            finally
            {
                await store.DisposeAsync();
            }
        },
        iter: runs, print: steps => string.Join('\n', steps.Select(step => $"{step.Kind} {string.Join(' ', step.Changes)} {step.Query}")));

    private static async Task WriteAsync(LiteDbStore store, SortedDictionary<string, Item> model, Step step)
    {
        if (step.Kind == Kind.Group)
        {
            await Task.WhenAll(step.Changes.Select(change => store.WriteAsync(tx => { change.ApplyTo(tx); return 0; })).ToList());
            foreach (var change in step.Changes)
                change.ApplyTo(model);
            return;
        }
        var after = new SortedDictionary<string, Item>(model, StringComparer.Ordinal);
        var work = store.WriteAsync(tx =>
        {
            foreach (var change in step.Changes)
            {
                change.ApplyTo(tx);
                change.ApplyTo(after);
                AssertSame(tx, after, step.Query);
            }
            return step.Kind == Kind.Write ? 0 : throw new FormatException("refused");
        });
        if (step.Kind == Kind.Refuse)
        {
            await Assert.ThrowsAsync<FormatException>(() => work);
            return;
        }
        await work;
        foreach (var change in step.Changes)
            change.ApplyTo(model);
    }

    private static void AssertSame(IStoreReader store, SortedDictionary<string, Item> model, Query query)
    {
        var (from, to) = (Convert.FromHexString(query.From), Convert.FromHexString(query.To));
        var expected = model.Values
            .Where(item => OrderOf(item, query.Index) is { } order && Compare(from, order) <= 0 && Compare(order, to) <= 0)
            .OrderBy(item => OrderOf(item, query.Index), Comparer<byte[]?>.Create(Compare)).ToList(); // stable: then by key
        if (query.Descending)
            expected.Reverse();
        Assert.Equal(expected.Take(query.Limit).Select(Text), store.Range(Item.All, from, to, query.Limit, query.Descending, query.Index).Select(Text));
        Assert.Equal(model.TryGetValue(query.From, out var item) ? Text(item) : null, store.Get(Item.All, from) is { } found ? Text(found) : null);
    }

    private static byte[]? OrderOf(Item item, string? index) => index is null ? item.Key : Item.All.Indexes.First(one => one.Name == index).ValueOf(item);

    private static int Compare(byte[]? one, byte[]? other) => one.AsSpan().SequenceCompareTo(other);

    private static string Text(Item item) =>
        $"{Convert.ToHexString(item.Key)} {(item.Value is null ? "-" : Convert.ToHexString(item.Value))} {item.Content.Length} {item.Content.FirstOrDefault()}";

    private sealed record Query(string From, string To, int Limit, bool Descending, string? Index);

    private sealed record Step(Kind Kind, Change[] Changes, Query Query);

    private sealed record Change(string Key, string? Value, int Size, bool Deletes, bool Adds)
    {
        private Item Row => new()
        {
            Key = Convert.FromHexString(Key),
            Value = Value is null ? null : Convert.FromHexString(Value),
            Content = [.. Enumerable.Repeat((byte)Size, Size)],
        };

        public void ApplyTo(IStoreTransaction transaction)
        {
            if (Deletes)
                transaction.Delete(Item.All, Convert.FromHexString(Key));
            else if (Adds && transaction.Get(Item.All, Convert.FromHexString(Key)) is null)
                transaction.Add(Item.All, Row);
            else
                transaction.Put(Item.All, Row);
        }

        public void ApplyTo(SortedDictionary<string, Item> model)
        {
            if (Deletes)
                model.Remove(Key);
            else
                model[Key] = Row;
        }
    }
}
