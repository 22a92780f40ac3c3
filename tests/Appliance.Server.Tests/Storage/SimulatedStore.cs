using Appliance.Server.Storage.Blobs;
using Appliance.Server.Storage.LiteDb;

namespace Appliance.Server.Tests.Storage;

/// <summary>A store of <see cref="Note"/>s on a <see cref="SimulatedDisk"/>.</summary>
internal static class SimulatedStore
{
    public static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public static SimulatedDisk NewDisk()
    {
        var disk = new SimulatedDisk();
        LiteDbStore.Create(disk.Open, Key, TimeProvider.System);
        return disk;
    }

    public static LiteDbStore Open(SimulatedDisk disk) =>
        LiteDbStore.Open(disk.Open, Key, new BlobStore("no blobs"));

    public static Task PutAsync(LiteDbStore store, Note note) =>
        store.WriteAsync(tx => { tx.Put(Note.All, note); return 0; });

    /// <summary>Opens the store and reads every row by key and by index.</summary>
    public static async Task<IReadOnlyList<string>> ReadAllAsync(SimulatedDisk disk)
    {
        await using var store = Open(disk);
        var byTag = store.Range(Note.All, [0], [255], 1000, index: "tag").Count;
        var all = store.Range(Note.All, [0], [255], 1000);
        Assert.Equal(all.Count(note => note.Tag is not null), byTag);
        return [.. all.Select(note => note.Id)];
    }
}
