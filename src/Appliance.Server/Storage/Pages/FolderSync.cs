using System.Runtime.InteropServices;
using System.Text;

namespace Appliance.Server.Storage.Pages;

/// <summary>Makes directory entries durable, which .NET has no call for. Windows journals them by itself.</summary>
internal static class FolderSync
{
    // O_RDONLY | O_CLOEXEC of Linux: a program that is started meanwhile does not hold the folder as long as it runs.
    private const int ReadOnlyNotInherited = 0x80000;

    /// <exception cref="IOException">The folder could not be synced.</exception>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(Encoding.UTF8.GetBytes(folder + "\0"), ReadOnlyNotInherited);
        if (descriptor < 0)
            throw new IOException($"{folder} could not be opened to sync it (error {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (Fsync(descriptor) != 0)
                throw new IOException($"{folder} could not be synced (error {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
