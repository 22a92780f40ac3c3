namespace Appliance.Server.Storage.Pages;

internal sealed class RealDisk : IDisk
{
    public static readonly RealDisk Instance = new();

    public bool HasFolder(string path) => Directory.Exists(path);

    public void MakeFolder(string path) => DataFolder.MakeFolder(path);

    public void MoveFolder(string from, string to) => Directory.Move(from, to);

    public void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    public void SyncFolder(string path) => FolderSync.Sync(path);

    public IPageFile Create(string path) => DiskPageFile.Create(path);

    public IPageFile Open(string path) => DiskPageFile.Open(path);

    public bool HasFile(string path) => File.Exists(path);

    public DateTimeOffset WrittenAt(string path) => new(File.GetLastWriteTimeUtc(path));

    public IPageFile OpenToRead(string path) => DiskPageFile.OpenToRead(path);

    public void Delete(string path) => File.Delete(path);

    public IReadOnlyList<string> Files(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)];
}
