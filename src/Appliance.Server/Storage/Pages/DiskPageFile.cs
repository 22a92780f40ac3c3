using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Server.Storage.Pages;

internal sealed partial class DiskPageFile : IPageFile
{
    private const int Interrupted = 4; // EINTR
    private const int SetFlags = 4; // F_SETFL
    private const int ReadAndWrite = 2; // O_RDWR
    private const int WorthDirect = 64 * 1024; // a write past the cache waits for the disk
    private static readonly int Direct = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x10000 : 0x4000; // O_DIRECT
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

    /// <remarks>On Linux by O_DIRECT (open(2)), which not every file system has.</remarks>
    public void WritePages(ReadOnlySpan<byte> pages, long offset)
    {
        if (!OperatingSystem.IsLinux() || pages.Length < WorthDirect || fcntl(_handle, SetFlags, ReadAndWrite | Direct) != 0)
        {
            Write(pages, offset);
            return;
        }
        try
        {
            Write(pages, offset);
        }
        catch (IOException)
        {
            _ = fcntl(_handle, SetFlags, ReadAndWrite);
            Write(pages, offset); // the disk may want other pages; what else is wrong, is so still
        }
        finally
        {
            _ = fcntl(_handle, SetFlags, ReadAndWrite);
        }
    }

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

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fcntl(SafeFileHandle file, int command, int flags);
}
