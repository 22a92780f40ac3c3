using Microsoft.Win32.SafeHandles;

namespace Appliance.Server.Storage.Pages;

internal sealed class DiskPageFile : IPageFile
{
    private static readonly SafeFileHandle Missing = new();
    private readonly SafeFileHandle _handle;

    private DiskPageFile(SafeFileHandle handle) => _handle = handle;

    public static DiskPageFile Open(string path)
    {
        if (!File.Exists(path))
            DataFolder.OpenPrivate(path, FileMode.CreateNew).Dispose();
        return new(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read));
    }

    public static DiskPageFile Create(string path)
    {
        DataFolder.OpenPrivate(path, FileMode.CreateNew).Dispose();
        return Open(path);
    }

    /// <summary>Opens for reading beside a running store; a file that is not there reads as empty.</summary>
    public static DiskPageFile OpenToRead(string path) =>
        new(File.Exists(path) ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite) : Missing);

    public long Length => _handle.IsInvalid ? 0 : RandomAccess.GetLength(_handle);

    public int Read(Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length && !_handle.IsInvalid)
        {
            var read = RandomAccess.Read(_handle, buffer[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }
        return total;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(_handle, bytes, offset);

    public void SetLength(long length) => RandomAccess.SetLength(_handle, length);

    public void Sync() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();
}
