using System.Globalization;
using Appliance.Server.Storage.Pages;

namespace Appliance.Server.Storage;

/// <summary>
/// The folder all data lives under, held by one process at a time: <c>store/</c>, <c>blobs/</c>, <c>secrets/</c>,
/// <c>run/</c>, each for the owner's eyes only: what others may look into at start is closed to them.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    /// <summary>What other users of the machine could look into until now, relative to the folder; empty on Windows.</summary>
    public IReadOnlyList<string> Closed { get; private set; } = [];

    public string Store => System.IO.Path.Combine(Path, "store");

    public string Blobs => System.IO.Path.Combine(Path, "blobs");

    public string Secrets => System.IO.Path.Combine(Path, "secrets");

    public string RunFolder => System.IO.Path.Combine(Path, "run");

    /// <summary>Makes what is missing and takes the lock, which ends with the process, however it ends.</summary>
    /// <exception cref="StoreLockedException">Another process holds the folder.</exception>
    /// <exception cref="StoreExposedException">Others can look into it, and this process may not change that.</exception>
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
        try
        {
            folder.CloseToOthers();
        }
        catch
        {
            folder.Dispose();
            throw;
        }
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

    private void CloseToOthers()
    {
        if (OperatingSystem.IsWindows())
            return; // a folder there has the access its owner gave the one above it
        var closed = new List<string>();
        foreach (var entry in new[] { Store, Blobs, Secrets, RunFolder }.Where(Directory.Exists).Concat(Directory.EnumerateFiles(Secrets)))
        {
            var mode = File.GetUnixFileMode(entry);
            if ((mode & ~OwnerFolder) == 0)
                continue;
            var name = System.IO.Path.GetRelativePath(Path, entry);
            try
            {
                File.SetUnixFileMode(entry, mode & OwnerFolder);
            }
            catch (UnauthorizedAccessException error)
            {
                throw new StoreExposedException(
                    $"Other users of this machine can look into {entry}, and the service may not change that, as it is not the owner. "
                    + $"Give {Path} and all in it to the user the service runs as (chown -R), and close it to others (chmod -R go-rwx).",
                    error);
            }
            closed.Add(name);
        }
        Closed = closed;
    }

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

/// <summary>Others can look into the data folder.</summary>
public sealed class StoreExposedException(string message, Exception inner) : Exception(message, inner);

/// <summary>Another process holds the data folder.</summary>
public sealed class StoreLockedException(string message, Exception? inner = null) : Exception(message, inner);
