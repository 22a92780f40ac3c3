using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.LiteDb;

/// <summary>The folder a store's page files lie in.</summary>
internal static class StoreFolder
{
    public static Func<string, IPageFile> FilesIn(IDisk disk, string path) => name => disk.Open(Path.Combine(path, name));

    /// <summary>
    /// Makes an empty store when there is none: under another name until it is whole, so that an interrupted start
    /// leaves no half of a store. Once this returns the store's name is durable, whoever made it.
    /// </summary>
    public static void Make(IDisk disk, string path, byte[] key, TimeProvider time)
    {
        if (!disk.HasFolder(path))
        {
            var unfinished = path + ".new";
            disk.DeleteFolder(unfinished);
            disk.MakeFolder(unfinished);
            LiteDbStore.Create(FilesIn(disk, unfinished), key, time);
            disk.SyncFolder(unfinished);
            disk.MoveFolder(unfinished, path);
        }
        else if (StoreFiles.Younger.Select(file => Path.Combine(path, file)).Where(file => !disk.HasFile(file)).ToList() is { Count: > 0 } missing)
        {
            missing.ForEach(file => disk.Create(file).Dispose()); // the store is older than they are
            disk.SyncFolder(path);
        }
        disk.SyncFolder(Path.GetDirectoryName(path)!);
    }
}
