using Appliance.Server.Storage.LiteDb;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>
/// New page files grow in <c>store.new</c>. Then <c>store</c> becomes <c>store.old</c>, <c>store.new</c> becomes <c>store</c>, and
/// <c>store.old</c> goes. Whatever interrupts that, one whole store is left: the old one until <c>store</c> is the new one.
/// </summary>
internal static class StoreMove
{
    public static NewFiles NewFilesIn(IDisk disk, string store, byte[] key)
    {
        CleanUp(disk, store);
        disk.MakeFolder(New(store));
        return new NewFiles(StoreFolder.FilesIn(disk, New(store)), key, () => Exchange(disk, store), () => Undo(disk, store));
    }

    /// <summary>Before a store is opened: an exchange that was interrupted halfway is taken back.</summary>
    public static void UndoInterrupted(IDisk disk, string store)
    {
        if (!disk.HasFolder(store))
            Undo(disk, store);
    }

    /// <summary>Whatever there is besides <c>store</c> was left behind.</summary>
    public static void CleanUp(IDisk disk, string store)
    {
        if (!disk.HasFolder(store))
            return; // then what is left is all there is
        disk.DeleteFolder(New(store));
        disk.DeleteFolder(Old(store));
    }

    private static void Exchange(IDisk disk, string store)
    {
        disk.SyncFolder(New(store));
        disk.MoveFolder(store, Old(store));
        disk.SyncFolder(FolderOf(store));
        disk.MoveFolder(New(store), store);
        disk.SyncFolder(FolderOf(store));
    }

    private static void Undo(IDisk disk, string store)
    {
        if (!disk.HasFolder(Old(store)))
            return; // nothing had moved
        if (disk.HasFolder(store))
            disk.MoveFolder(store, New(store));
        disk.MoveFolder(Old(store), store);
        disk.SyncFolder(FolderOf(store));
    }

    private static string FolderOf(string store) => Path.GetDirectoryName(store)!;

    private static string New(string store) => store + ".new";

    private static string Old(string store) => store + ".old";
}
