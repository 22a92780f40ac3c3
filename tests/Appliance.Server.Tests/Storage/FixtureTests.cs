using System.Text;
using Appliance.Server.Storage;
using Appliance.Server.Storage.Blobs;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>
/// Stores as earlier versions left them must open for ever (<c>fixtures/v1</c>: one note in the data file, one in the log; <c>v2</c>: a large one in the data file too, and another
/// in the journal alone). Each schema version adds a folder; none is changed.
/// </summary>
public sealed class FixtureTests
{
    [Fact]
    public async Task Opens_a_store_of_schema_version_1()
    {
        await using var store = Open(Fixture("v1"));
        Assert.Equal("checkpointed", Encoding.UTF8.GetString(store.Get(Note.All, Key.Of("in the data file"))!.Content));
        Assert.Equal("in the log", Assert.Single(store.Range(Note.All, Key.Of("new"), Key.Of("new"), 10, index: "tag")).Id);
        await SimulatedStore.PutAsync(store, Note.With("added"));
        Assert.Equal(3, store.Range(Note.All, [0], [255], 10).Count);
    }

    [Fact]
    public async Task Opens_a_store_of_schema_version_2()
    {
        var (disk, key) = Fixture("v2");
        for (var time = 0; time < 2; time++)
        {
            await using var store = Open((disk, key));
            Assert.Equal(SchemaRow.Current, store.Get(SchemaRow.Rows, SchemaRow.OnlyKey)!.Version);
            Assert.Equal("checkpointed", Encoding.UTF8.GetString(store.Get(Note.All, Key.Of("in the data file"))!.Content));
            Assert.Equal(500 * 19, store.Get(Note.All, Key.Of("large, in the data file"))!.Content.Length);
            Assert.Equal(700 * 13, store.Get(Note.All, Key.Of("large, in the journal"))!.Content.Length);
            Assert.Equal(["in the log", "large, in the journal"], store.Range(Note.All, Key.Of("new"), Key.Of("new"), 10, index: "tag").Select(note => note.Id));
        }
    }

    [Fact]
    public async Task Refuses_a_store_of_a_newer_schema_version()
    {
        var (disk, key) = Fixture("v1");
        await using (var store = Open((disk, key)))
            await store.WriteAsync(tx => { tx.Put(SchemaRow.Rows, new SchemaRow { Version = SchemaRow.Current + 1 }); return 0; });
        var refused = Assert.Throws<StoreDamagedException>(() => Open((disk, key)));
        Assert.Contains($"schema version {SchemaRow.Current + 1}", refused.Message, StringComparison.Ordinal);
    }

    private static LiteDbStore Open((SimulatedDisk Disk, byte[] Key) fixture) =>
        LiteDbStore.Open(fixture.Disk.Open, fixture.Key, new BlobStore("no blobs"));

    private static (SimulatedDisk Disk, byte[] Key) Fixture(string version)
    {
        string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Storage", "fixtures", version, name + ".bin");
        var disk = new SimulatedDisk();
        foreach (var name in new[] { "data", "log", "mark", "journal", "journal2" })
            if (File.Exists(PathOf(name)))
                disk.Open(name).Write(File.ReadAllBytes(PathOf(name)), 0);
        return (disk, File.ReadAllBytes(PathOf("key")));
    }
}
