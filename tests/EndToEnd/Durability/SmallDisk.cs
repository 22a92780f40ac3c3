using Appliance.EndToEnd.Harness;

namespace Appliance.EndToEnd.Durability;

/// <summary>A small file system in a file, to be filled. Only root can mount one; without it the test fails.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int Block = 1 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("appliance-disk-").FullName;

    public string Root => Path.Combine(_folder, "disk");

    private string Filler => Path.Combine(Root, "filler");

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        var disk = new SmallDisk();
        var image = Path.Combine(disk._folder, "image");
        await using (var file = File.Create(image))
            file.SetLength((long)megabytes << 20);
        Directory.CreateDirectory(disk.Root);
        var mkfs = Programs.Find("mkfs.ext4") ?? throw new InvalidOperationException("mkfs.ext4 (e2fsprogs) is not installed");
        (await new Command(mkfs, "-q", "-m", "0", image).RunAsync()).Succeeded();
        (await new Command("mount", "-o", "loop", image, disk.Root).RunAsync()).Succeeded();
        return disk;
    }

    /// <summary>Puts a file there, or makes it larger or smaller, until no more than so many bytes are free, and hardly less.</summary>
    public void Fill(long left)
    {
        using var filler = new FileStream(Filler, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        filler.SetLength(Math.Max(0, filler.Length - Math.Max(0, left - new DriveInfo(Root).AvailableFreeSpace)));
        filler.Seek(0, SeekOrigin.End);
        var block = new byte[Block];
        for (var size = Block; size > 0;)
        {
            if (new DriveInfo(Root).AvailableFreeSpace - size < left)
            {
                size /= 2;
                continue;
            }
            try
            {
                filler.Write(block, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        (await new Command("umount", Root).RunAsync()).Succeeded();
        Directory.Delete(_folder, recursive: true);
    }
}
