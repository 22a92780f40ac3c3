using Appliance.Server.Storage.Blobs;
using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;
using Appliance.Server.Storage.Upkeep;
using Appliance.Server.Tests.Storage.Simulation;

namespace Appliance.Server.Tests.Storage;

/// <summary>A store of <see cref="Note"/>s and <see cref="Paper"/>s on a <see cref="SimulatedDisk"/>.</summary>
internal static class SimulatedStore
{
    public static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    /// <summary>A disk with an empty folder for blobs, as <c>DataFolder</c> leaves it.</summary>
    public static SimulatedDisk EmptyDisk()
    {
        var disk = new SimulatedDisk();
        disk.MakeFolder("blobs");
        disk.SyncFolder("");
        return disk;
    }

    /// <summary>A disk with an empty store.</summary>
    public static SimulatedDisk NewDisk()
    {
        var disk = EmptyDisk();
        StoreFolder.Make(disk, "store", Key, TimeProvider.System);
        return disk;
    }

    /// <summary>Opens the disk's store, or makes it.</summary>
    public static LiteDbStore Open(SimulatedDisk disk, byte[]? key = null)
    {
        StoreMove.UndoInterrupted(disk, "store");
        StoreFolder.Make(disk, "store", key ?? Key, TimeProvider.System);
        var store = LiteDbStore.Open(FilesOf(disk), key ?? Key, new BlobStore("blobs", disk));
        StoreMove.CleanUp(disk, "store");
        return store;
    }

    public static Func<string, IPageFile> FilesOf(SimulatedDisk disk) => StoreFolder.FilesIn(disk, "store");

    public static Task PutAsync(LiteDbStore store, Note note) =>
        store.WriteAsync(tx => { tx.Put(Note.All, note); return 0; });

    /// <summary>Opens the store and reads every row by key and by index.</summary>
    public static async Task<IReadOnlyList<string>> ReadAllAsync(SimulatedDisk disk, byte[]? key = null)
    {
        await using var store = Open(disk, key);
        var byTag = store.Range(Note.All, [0], [255], 1000, index: "tag").Count;
        var all = store.Range(Note.All, [0], [255], 1000);
        Assert.Equal(all.Count(note => note.Tag is not null), byTag);
        return [.. all.Select(note => note.Id)];
    }
}
