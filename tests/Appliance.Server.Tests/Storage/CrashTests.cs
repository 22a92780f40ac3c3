namespace Appliance.Server.Tests.Storage;

public sealed class CrashTests
{
    /// <summary>A power cut before every single change to the disk, several ways each, across checkpoints.</summary>
    [Fact]
    public async Task What_was_acknowledged_survives_a_power_cut_at_any_moment()
    {
        var disk = SimulatedStore.NewDisk();
        var acknowledged = 0;
        var cuts = new List<(SimulatedDisk Left, int Acknowledged)>();
        await using (var store = SimulatedStore.Open(disk))
        {
            disk.BeforeChange = () =>
            {
                for (var way = 0u; way < 3; way++)
                    cuts.Add((disk.AfterPowerCut((uint)cuts.Count * 7 + way), Volatile.Read(ref acknowledged)));
            };
            for (var i = 0; i < 12; i++)
            {
                await SimulatedStore.PutAsync(store, Note.With($"{i:d3}", "tag", new string('x', 6000)));
                Volatile.Write(ref acknowledged, i + 1);
                if (i is 4 or 8)
                    await store.CheckpointAsync();
            }
            disk.BeforeChange = () => { };
        }
        Assert.True(cuts.Count > 100);
        foreach (var (left, count) in cuts)
        {
            var found = await SimulatedStore.ReadAllAsync(left);
            Assert.InRange(found.Count, count, count + 1); // the write that was under way may have come through
            Assert.Equal(Enumerable.Range(0, found.Count).Select(i => $"{i:d3}"), found);
        }
    }

    [Fact]
    public async Task A_store_goes_on_after_a_torn_write_and_survives_the_next_cut()
    {
        var disk = SimulatedStore.NewDisk();
        var expected = new List<string>();
        for (var round = 0u; round < 12; round++)
        {
            SimulatedDisk? left = null;
            await using (var store = SimulatedStore.Open(disk))
            {
                await SimulatedStore.PutAsync(store, Note.With($"kept {round:d2}", content: new string('k', 3000)));
                expected.Add($"kept {round:d2}");
                var changes = disk.Changes;
                disk.BeforeChange = () => left ??= disk.Changes > changes ? disk.AfterPowerCut(round) : null; // written, not synced
                await SimulatedStore.PutAsync(store, Note.With($"lost {round:d2}", content: new string('l', 20_000)));
            }
            disk = left!;
            var found = await SimulatedStore.ReadAllAsync(disk);
            if (found.Contains($"lost {round:d2}"))
                expected.Add($"lost {round:d2}");
            Assert.Equal(expected.Order(StringComparer.Ordinal), found);
        }
    }

    [Fact]
    public async Task Opening_an_existing_store_writes_nothing()
    {
        var disk = SimulatedStore.NewDisk();
        await using (var store = SimulatedStore.Open(disk))
            await SimulatedStore.PutAsync(store, Note.With("a"));
        disk.Full = true;
        Assert.Equal(["a"], await SimulatedStore.ReadAllAsync(disk));
    }
}
