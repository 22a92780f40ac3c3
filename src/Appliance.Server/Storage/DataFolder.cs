using System.Globalization;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage;

/// <summary>
/// The folder all data lives under, held by one process at a time: <c>store/</c>, <c>blobs/</c>, <c>secrets/</c>,
/// <c>run/</c>, each for the owner's eyes only.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    public string Store => System.IO.Path.Combine(Path, "store");

    public string Blobs => System.IO.Path.Combine(Path, "blobs");

    public string Secrets => System.IO.Path.Combine(Path, "secrets");

    public string RunFolder => System.IO.Path.Combine(Path, "run");

    /// <summary>Makes what is missing and takes the lock, which ends with the process, however it ends.</summary>
    /// <exception cref="StoreLockedException">Another process holds the folder.</exception>
    public static DataFolder Lock(string path)
    {
        path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (!Directory.Exists(path))
        {
            MakeFolder(path);
            FolderSync.Sync(System.IO.Path.GetDirectoryName(path)!);
        }
        FileStream @lock;
        try
        {
            @lock = OpenPrivate(System.IO.Path.Combine(path, "store.lock"), FileMode.OpenOrCreate);
        }
        catch (IOException error)
        {
            throw new StoreLockedException($"{path} is in use{HolderOf(path)}. Stop that process, or use another Data:Path.", error);
        }
        var folder = new DataFolder(path, @lock);
        foreach (var child in new[] { folder.Blobs, folder.Secrets, folder.RunFolder })
            MakeFolder(child);
        FolderSync.Sync(path);
        File.WriteAllText(PidPath(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return folder;
    }

    /// <summary>Creates a folder only the owner can enter.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerFolder);
    }

    /// <summary>Opens a file that, when it is made, only the owner can read.</summary>
    public static FileStream OpenPrivate(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerFile;
        return new FileStream(path, options);
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Beside the lock, because a locked file cannot be read.</summary>
    private static string PidPath(string path) => System.IO.Path.Combine(path, "run", "pid");

    private static string HolderOf(string path)
    {
        try
        {
            return int.TryParse(File.ReadAllText(PidPath(path)), CultureInfo.InvariantCulture, out var holder) ? $" by process {holder}" : "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}

/// <summary>Another process holds the data folder.</summary>
public sealed class StoreLockedException(string message, Exception? inner = null) : Exception(message, inner);
