using Appliance.Server.Storage;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Upkeep;
using Appliance.Server.Tests.Storage.Simulation;
using LiteDB;
using LiteDB.Engine;

namespace Appliance.Server.Tests.Storage;

/// <summary>A store of schema version 1 is taken over when it is opened, wherever that is interrupted. What its bytes are is <see cref="FixtureTests"/>' to know.</summary>
public sealed class UpgradeTests
{
    private const string FormerTable = "rows";

    [Fact]
    public async Task Every_row_is_taken_over_and_found_by_its_indexes()
    {
        var (disk, history) = await FormerDiskAsync(900);
        await using (var store = SimulatedStore.Open(disk))
        {
            Assert.Equal(history.Acknowledged, await history.CheckAsync(store, disk, history.Acknowledged));
            Assert.Empty((await StoreVerifier.RunAsync(store, [Note.All, Paper.All], [], TimeProvider.System, CancellationToken.None)).Findings);
            Assert.Equal(SchemaRow.Current, store.Get(SchemaRow.Rows, SchemaRow.OnlyKey)!.Version);
        }
        await using var again = SimulatedStore.Open(disk);
        Assert.Equal(history.Acknowledged, await history.CheckAsync(again, disk, history.Acknowledged));
    }

    [Fact]
    public async Task Stands_a_power_cut_at_every_moment()
    {
        var (disk, history) = await FormerDiskAsync(250);
        var recording = await Recording.OfAsync(disk.State, history, history.Acknowledged, (_, _) => Task.CompletedTask);
        Assert.True(recording.Moments.Count > 20, $"{recording.Moments.Count} moments");
        for (var at = 0; at < recording.Moments.Count; at++)
            foreach (var dice in new[] { Dice.Loses, Dice.Keeps, new Dice((uint)at + 1) })
                await Recording.OfAsync(recording.Moments[at].State.AfterPowerCut(dice), history, history.Acknowledged, (_, _) => Task.CompletedTask);
    }

    [Fact]
    public async Task A_disk_that_does_not_take_it_leaves_the_store_as_it_was()
    {
        var (disk, history) = await FormerDiskAsync(200);
        disk.Full = true;
        Assert.Throws<StoreFailedException>(() => SimulatedStore.Open(disk));
        disk.Full = false;
        await using var store = SimulatedStore.Open(disk);
        Assert.Equal(history.Acknowledged, await history.CheckAsync(store, disk, history.Acknowledged));
    }

    /// <summary>What a store holds, as version 1 kept it.</summary>
    private static async Task<(SimulatedDisk Disk, History History)> FormerDiskAsync(int rows)
    {
        var history = new History();
        var documents = new List<BsonDocument>();
        await using (var store = SimulatedStore.Open(SimulatedStore.NewDisk()))
        {
            for (var i = 0; i < rows; i++)
                await history.PutAsync(store, Workloads.Message(i, i % 40 == 0 ? 9_000 : 40 * (i % 20)));
            await store.CheckpointAsync();
            foreach (var name in store.RawNames().Where(name => !name.Contains('.', StringComparison.Ordinal)))
                foreach (var row in store.Walk(name).SelectMany(batch => batch.Rows))
                    documents.AddRange(DocumentsOf(name, row));
        }
        var disk = SimulatedStore.EmptyDisk();
        disk.MakeFolder("store");
        disk.SyncFolder("");
        Write(SimulatedStore.FilesOf(disk), documents);
        disk.SyncFolder("store");
        return (disk, history);
    }

    private static IEnumerable<BsonDocument> DocumentsOf(string name, RawRow row)
    {
        if (name == SchemaRow.Rows.Name)
        {
            var former = RowCodec.Write(RowCodec.Read<SchemaRow>(row.Value) with { Version = 1, Fed = 0 });
            yield return new BsonDocument { ["_id"] = TableKey.Of(name, row.Key), ["v"] = former };
            yield break;
        }
        ICollectionDeclaration collection = name == Note.All.Name ? Note.All : Paper.All;
        var document = new BsonDocument { ["_id"] = TableKey.Of(name, row.Key), ["v"] = row.Value };
        foreach (var (index, entry) in collection.Decode(row.Value).Entries)
        {
            if (entry is null)
                continue;
            document[index] = entry;
            yield return new BsonDocument { ["_id"] = TableKey.Of(TableKey.IndexName(name, index), entry), ["v"] = document["_id"] };
        }
        yield return document;
    }

    private static void Write(Func<string, Appliance.Server.Storage.Pages.IPageFile> open, List<BsonDocument> documents)
    {
        using var files = StoreFiles.Create(open, SimulatedStore.Key);
        using var engine = new LiteEngine(new EngineSettings
        {
            DataStream = files.Data,
            LogStream = files.Log,
            TempStream = new MemoryStream([], writable: false),
            Collation = new LiteDB.Collation("en-US/Ordinal"),
        });
        engine.Pragma("CHECKPOINT", 0);
        files.Log.Barrier();
        engine.Insert(FormerTable, documents, BsonAutoId.ObjectId);
        files.Log.Barrier();
        engine.Checkpoint();
        files.Mark.Write(files.Log.Acknowledged, files.Log.Round);
    }
}
