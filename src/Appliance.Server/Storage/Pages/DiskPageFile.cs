using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Server.Storage.Pages;

internal sealed partial class DiskPageFile : IPageFile
{
    private const int Interrupted = 4; // EINTR
    private static readonly SafeFileHandle Missing = new();
    private readonly SafeFileHandle _handle;
    private bool _isResized; // since it was synced

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

    public void SetLength(long length)
    {
        _isResized = true;
        RandomAccess.SetLength(_handle, length);
    }

    /// <remarks>
    /// On Linux by fdatasync(2), which does not wait for the time it was written at. That promises what is needed to read what was written, so not that what was cut off is gone.
    /// </remarks>
    public void Sync()
    {
        if (_isResized || !OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(_handle);
            _isResized = false;
            return;
        }
        while (fdatasync(_handle) != 0)
            if (Marshal.GetLastPInvokeError() is not Interrupted and var error)
                throw new IOException(new Win32Exception(error).Message);
    }

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fdatasync(SafeFileHandle file);
}
